/** What follows is not the rest of a name: a page may be called `out of memory.png`, a folder `out of memory`. */
export const NO_NAME = String.raw`(?!(?: [\w-]+)?(?:\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)\b|[/\\]))`;

/** Who says that it is out of memory: a library, a device, or an exception. */
const SPEAKERS = [
  'cuda|hip|rocm|mps|xpu|sycl|gpu|vulkan|metal|directml|tensorrt|backend|device|host|system|heap|runtime',
  String.raw`(?:cuda|hip)malloc\w*|cumemalloc\w*|m?alloc\w*|\w*errors?|\w*exception|failed|failure|fatal`,
].join('|');

/**
 * Each is a regular expression for one line of a program that ran out of memory, of the card or of the machine, whatever its
 * case. In the syntax that JavaScript and Python share: scripts/write-worker-words.ts puts them into `mgpu_worker.py`, so
 * that a page fails for the same reason with a script and with a warm worker. No double quotes.
 */
export const OUT_OF_MEMORY: readonly string[] = [
  // "CUDA out of memory. Tried …", "CUDA failure 2: out of memory", "MPS backend out of memory", "cuMemAlloc failed: out of memory"
  String.raw`\b(?:${SPEAKERS})\b[^'/\\\x22]{0,60}\bout of memory\b${NO_NAME}`,
  // NCCL
  String.raw`\bfailure(?: \d+)? 'out of memory'`,
  // Paddle, cupy, jax. "ran out of memory trying to allocate" is TensorFlow's, which may go on.
  String.raw`\bout of memory (?:error on|allocating|(?:while|when)(?: trying to)? allocat)`,
  // The exceptions themselves, where they end a traceback: a mention of them elsewhere is no end.
  String.raw`^(?:.{0,120}\berror\W{1,4}(?:\[\w+\] )?|[\s|]*)(?:[\w.]+\.)?(?:\w*OutOfMemory\w*|\w*MemoryError)\s*(?::|$)`,
  String.raw`\b(?:java\.lang\.OutOfMemoryError|System\.OutOfMemoryException): `,
  String.raw`\binstance of '[\w:]*OutOfMemory\w*'`,
  // The names of errors: CUDA, HIP, Vulkan, SYCL, OpenCL; cuDNN, cuBLAS, MIOpen and their kin; Windows, Metal, the system.
  String.raw`OUT_OF_(?:DEVICE_|HOST_|POOL_)?MEMORY\b|\bErrorOutOf(?:Device|Host|Pool)Memory\b|\bCL_OUT_OF_RESOURCES\b`,
  String.raw`\b(?:cuda|hip)ErrorMemoryAllocation\b|\bhipErrorOutOfMemory\b|\bCL_MEM_OBJECT_ALLOCATION_FAILURE\b`,
  String.raw`_ALLOC(?:ATION)?_FAILED\b|\b(?:rocblas_status_memory_error|miopenStatusAllocFailed)\b`,
  String.raw`\bE_OUTOFMEMORY\b|\b8007000E\b|CallbackErrorOutOfMemory\b|\bENOMEM\b|\[Errno 12\]`,
  // torch, where cuDNN finds no room to work in
  String.raw`\bUnable to find a valid cuDNN algorithm\b|\b(?:FIND|GET) was unable to find an engine\b`,
  // TensorFlow
  String.raw`\bOOM when allocating\b|\bDst tensor is not initialized\b`,
  // ncnn
  String.raw`\bvkAllocateMemory\b`,
  // DirectML, TensorRT, onnxruntime, ggml
  String.raw`\bNot enough memory resources are available\b|\bnot enough GPU (?:video )?memory\b`,
  String.raw`\bamount of GPU memory \(\d+ bytes\) could not be allocated\b|\bsmaller than requested bytes of \d+`,
  String.raw`\b(?:failed|unable) to allocate (?:(?:CUDA|ROCm|Vulkan|Metal|GPU|device)\w* )?(?:memory|buffer)\b`,
  // Sizes: torch, numpy, opencv, jax, TensorFlow, Paddle, Rust
  String.raw`\btried to allocate [\d.,]+ ?(?:bytes|[KMGTP]?i?B)\b`,
  String.raw`\b(?:failed|unable|cannot) (?:to )?allocate (?:request for )?[\d.,]+ ?(?:bytes|[KMGTP]?i?B)\b`,
  String.raw`\bAttempting to allocate [\d.,]+ ?[KMGTP]?i?B?\. That was not possible\b`,
  String.raw`\bmemory allocation of [\d.,]+ bytes failed\b`,
  // opencv, C, C++
  String.raw`\bInsufficient memory\b${NO_NAME}`,
  String.raw`\bCannot allocate memory\b${NO_NAME}`,
  String.raw`\bstd::bad_alloc\b`,
];

/** Lines that say so and end nothing: a warning, a trace, a line of source code within a traceback. */
export const NO_FAILURE: readonly string[] = [
  String.raw`^[\W\d_]*(?:warn|warning|debug|info|notice)\b\W`,
  String.raw`^.{0,120}?(?: - |\| *|\[ *)(?:warn|warning|debug|info|notice)(?: - | *\|| *\])`,
  String.raw`^(?:\S+:\d+: )?[\w.]*Warning: `,
  // TensorFlow
  String.raw`\bcaller indicates that this is not a failure\b`,
  String.raw`^\s+(?:raise|except|return|if|elif|assert)\b`,
];

/** What a line says behind so many characters is a dump of something. */
const READ_CHARACTERS = 2000;
const SAYS_SO = new RegExp(OUT_OF_MEMORY.join('|'), 'i');
const PASSED_OVER = new RegExp(NO_FAILURE.join('|'), 'i');

/** True where one of the lines is a program's that ran out of memory: of the card, or of the machine. */
export const tellsOutOfMemory = (lines: readonly string[]): boolean =>
  lines
    .flatMap((text) => text.split('\n'))
    .map((line) => line.slice(0, READ_CHARACTERS))
    .some((line) => SAYS_SO.test(line) && !PASSED_OVER.test(line));
