import { NO_FAILURE, NO_NAME, tellsOutOfMemory } from './out-of-memory.ts';
import { linesOf, withoutPaths, withoutQuotes } from './said-text.ts';

/** What a driver says in words that programs say of other things, too. */
const DRIVER_WORDS = [
  'misaligned address|illegal (?:instruction|address)|(?:invalid|illegal) (?:program counter|address space|pc)',
  '(?:hardware|lane user) stack (?:error|overflow)|operation not supported on \\W{1,6}address space',
  'context is destroyed|invalid device context|driver shutting down|exception during kernel execution|MPS client terminated',
].join('|');
/** And in words that nothing else says. */
const PLAIN_WORDS = [
  'device-side assert triggered|an illegal memory access was encountered|unspecified launch failure',
  'launch timed out and was terminated|uncorrectable (?:ECC|NVLink) error',
].join('|');

/** Names of errors after which CUDA takes no more work from a process. */
const CUDA_NAMES = [
  'Assert|IllegalAddress|IllegalInstruction|MisalignedAddress|InvalidAddressSpace|InvalidPc|HardwareStackError',
  'LaunchFailure|LaunchTimeout|ECCUncorrectable|NvlinkUncorrectable|ContextIsDestroyed|CudartUnloading|Deinitialized',
  'NotInitialized|InvalidContext|Contained|TensorMemoryLeak|ExternalDevice|Unknown|Mps\\w+',
].join('|');
const DRIVER_NAMES = [
  'ASSERT|ILLEGAL_ADDRESS|ILLEGAL_INSTRUCTION|MISALIGNED_ADDRESS|INVALID_ADDRESS_SPACE|INVALID_PC|HARDWARE_STACK_ERROR',
  'LAUNCH_FAILED|LAUNCH_TIMEOUT|ECC_UNCORRECTABLE|NVLINK_UNCORRECTABLE|CONTEXT_IS_DESTROYED|INVALID_CONTEXT',
  'NOT_INITIALIZED|DEINITIALIZED|CONTAINED|TENSOR_MEMORY_LEAK|EXTERNAL_DEVICE_ERROR|MPS_\\w+',
].join('|');
/** Numbers of the same errors: before CUDA 10.1, and since. */
const CUDA_NUMBERS = '4|6|29|30|39|59|7[2-7]|201|214|220|70[029]|71[0-9]|721|80[5-9]|999';

/**
 * Each is a regular expression for one line, without quotations and paths, of a program whose CUDA, HIP, Vulkan, … context is
 * broken: whatever this process is given next fails, too, and another process does better. Whatever its case.
 */
const BROKEN_CONTEXT: readonly string[] = [
  `\\b(?:${PLAIN_WORDS})\\b${NO_NAME}`,
  String.raw`\b(?:cuda|hip|rocm|gpu|nccl|cupy|triton|\w*cudaerror)\b[^/\\]{0,60}\b(?:${DRIVER_WORDS})\b${NO_NAME}`,
  String.raw`\b(?:cuda|hip)(?: runtime| driver)? (?:error|failure)(?: \d+)?:? (?:unknown|initialization) error\b`,
  `\\bcuda(?: runtime)? (?:error|failure) ?\\(?(?:${CUDA_NUMBERS})\\b(?!\\.)`,
  // torch and Triton, of the driver's own calls. Out of memory and images of kernels are told apart below.
  `\\bcuda driver error:(?! invalid argument)`,
  `\\bCannot re-initialize CUDA\\b`,
  // The kernel's own line: "IndexKernel.cu:92: operator(): block: [0,0,0], thread: [64,0,0] Assertion `…` failed."
  String.raw`\bblock: \[[\d, ]{1,30}\], thread: \[[\d, ]{1,30}\] Assertion\b`,
  // Names: CUDA, HIP; cuDNN, cuBLAS and their kin.
  `\\b(?:cuda|hip)Error(?:${CUDA_NAMES})\\b`,
  `\\bCUDA_ERROR_(?:${DRIVER_NAMES})\\b`,
  String.raw`\b(?:CUDNN|(?:CU|HIP|ROC)(?:BLAS(?:LT)?|SPARSE|SOLVER))_STATUS_(?:NOT_INITIALIZED|EXECUTION_FAILED\w*|INTERNAL_ERROR|MAPPING_ERROR)\b`,
  String.raw`\b(?:rocblas_status_internal_error|miopenStatus(?:NotInitialized|InternalError|UnknownError))\b`,
  String.raw`\b(?:CU|HIP)FFT_(?:EXEC_FAILED|INTERNAL_ERROR)\b|\b(?:CU|HIP)RAND_STATUS_(?:LAUNCH_FAILURE|NOT_INITIALIZED|INTERNAL_ERROR)\b`,
  // "cuDNN error: NOT_INITIALIZED", as older libraries put it
  String.raw`\bcu(?:DNN|BLAS)\b[^/\\]{0,40}\b(?:NOT_INITIALIZED|EXECUTION_FAILED)\b`,
  // ROCm
  String.raw`\bMemory access fault by GPU node\b|\bHSA_STATUS_ERROR_(?:EXCEPTION|MEMORY_APERTURE_VIOLATION|ILLEGAL_INSTRUCTION|MEMORY_FAULT)\b`,
  // Vulkan, DirectX, WebGPU, SYCL, OpenCL
  String.raw`\b(?:VK|ZE_RESULT|UR_RESULT|PI|DXGI|XR)_ERROR_DEVICE_(?:LOST|REMOVED|HUNG|RESET)\b|\bErrorDeviceLost\b`,
  String.raw`\b(?:0x)?887A000[567]\b|\bGetDeviceRemovedReason\b|\bCL_INVALID_COMMAND_QUEUE\b`,
  String.raw`\bvk(?:QueueSubmit2?|WaitForFences|QueueWaitIdle|DeviceWaitIdle) failed:? -4\b`,
  String.raw`(?:^|\b(?:\w*error|wgpu|webgpu|vulkan|gpu)\b[^/\\]{0,60}\W)device (?:is |was )?lost\b${NO_NAME}(?!\s+\w)`,
  String.raw`(?:^|: )GPU is lost(?:\.|$)|\bGPU has fallen off the bus\b|\bNVMLError_GpuIsLost\b`,
  // Metal
  String.raw`\bkIO(?:GPU|Accel)CommandBufferCallbackError(?!OutOfMemory)\w+`,
];

/** NCCL and Paddle quote the driver. */
const QUOTES_DRIVER = `\\b(?:cuda (?:failure|error)(?: \\d+)?|hint:) '(?:${PLAIN_WORDS}|${DRIVER_WORDS}|cudaError(?:${CUDA_NAMES}))\\b`;

/** The card's or the installation's: another process fares no better. */
const OF_THE_CARD = [
  String.raw`\bno kernel image is available\b|\bkernel image is invalid\b|NO_BINARY_FOR_GPU\b|\bNoBinaryForGpu\b`,
  String.raw`\bunsupported toolchain\b|\binvalid device function\b|\binsufficient for CUDA runtime\b|\bincorrectly set up environment\b`,
].join('|');

const SAYS_SO = new RegExp(BROKEN_CONTEXT.join('|'), 'i');
const QUOTES_IT = new RegExp(QUOTES_DRIVER, 'i');
const PASSED_OVER = new RegExp([...NO_FAILURE, OF_THE_CARD].join('|'), 'i');

/**
 * True where one of the lines says that the process which wrote it can do no more work on its device, whatever it is given.
 * Running out of memory is no such thing, nor is a card that the program was not built for.
 */
export const tellsBrokenContext = (lines: readonly string[]): boolean => linesOf(lines).some(isBroken);

const isBroken = (line: string): boolean =>
  (SAYS_SO.test(withoutPaths(withoutQuotes(line))) || QUOTES_IT.test(line)) &&
  !PASSED_OVER.test(line) &&
  !tellsOutOfMemory([line]);
