import { expect, test } from 'vitest';
import { tellsBrokenContext } from '../../src/translators/broken-context.ts';
import { OTHER_LINES, OUT_OF_MEMORY_LINES } from '../fixtures/out-of-memory.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

/** As libraries print them. */
const BROKEN: readonly string[] = [
  // torch
  'RuntimeError: CUDA error: device-side assert triggered',
  'CUDA error: device-side assert triggered',
  'torch.AcceleratorError: CUDA error: device-side assert triggered',
  'ERROR: [local] RuntimeError: CUDA error: an illegal memory access was encountered',
  '  what():  CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.\nCompile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\nException raised from c10_cuda_check_implementation at ../c10/cuda/CUDAException.cpp:44 (most recent call first):',
  'RuntimeError: CUDA error: unspecified launch failure',
  'RuntimeError: CUDA error: misaligned address',
  'RuntimeError: CUDA error: an illegal instruction was encountered',
  'RuntimeError: CUDA error: invalid program counter',
  'RuntimeError: CUDA error: hardware stack error',
  'RuntimeError: CUDA error: operation not supported on global/shared address space',
  'RuntimeError: CUDA error: the launch timed out and was terminated',
  'RuntimeError: CUDA error: uncorrectable ECC error encountered',
  'RuntimeError: CUDA error: unknown error',
  'RuntimeError: CUDA error: initialization error',
  'RuntimeError: CUDA error: context is destroyed',
  'RuntimeError: CUDA driver error: unknown error',
  'RuntimeError: CUDA driver error: an illegal memory access was encountered',
  "RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the 'spawn' start method",
  'RuntimeError: cuda runtime error (59) : device-side assert triggered at /pytorch/aten/src/THC/generic/THCTensorMath.cu:26',
  'RuntimeError: cuda runtime error (77) : an illegal memory access was encountered at /pytorch/aten/src/THC/generic/THCStorage.c:36',
  'cuda runtime error (77)',
  '/pytorch/aten/src/ATen/native/cuda/IndexKernel.cu:92: operator(): block: [3,0,0], thread: [64,0,0] Assertion `-sizes[i] <= index && index < sizes[i] && "index out of bounds"` failed.',
  'RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED',
  'RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED',
  'RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER',
  'RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR',
  'RuntimeError: cuDNN error: CUDNN_STATUS_MAPPING_ERROR',
  'RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`',
  'RuntimeError: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle, opa, opb, m, n, k, &alpha, a, lda, b, ldb, &beta, c, ldc)`',
  'RuntimeError: cuDNN: NOT_INITIALIZED',
  'RuntimeError: cusolver error: CUSOLVER_STATUS_EXECUTION_FAILED, when calling `cusolverDnCreate(handle)`',
  'RuntimeError: cuFFT error: CUFFT_EXEC_FAILED',
  // Triton, NCCL, cupy, numba, opencv, Paddle
  'RuntimeError: Triton Error [CUDA]: an illegal memory access was encountered',
  'RuntimeError: Triton Error [CUDA]: misaligned address',
  "torch.distributed.DistBackendError: NCCL error: unhandled cuda error, Cuda failure 'an illegal memory access was encountered'",
  "Cuda failure 700 'an illegal memory access was encountered'",
  'cupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorIllegalAddress: an illegal memory access was encountered',
  'cupy.cuda.cudnn.CuDNNError: CUDNN_STATUS_EXECUTION_FAILED: CUDNN_STATUS_EXECUTION_FAILED',
  'numba.cuda.cudadrv.driver.CudaAPIError: [700] Call to cuMemcpyDtoH results in CUDA_ERROR_ILLEGAL_ADDRESS',
  'numba.cuda.cudadrv.driver.CudaAPIError: [715] Call to cuMemcpyDtoH results in CUDA_ERROR_ILLEGAL_INSTRUCTION',
  "cv2.error: OpenCV(4.8.0) gpu_mat.cu:249: error: (-217:Gpu API call) an illegal memory access was encountered in function 'download'",
  'OSError: (External) CUDA error(719), unspecified launch failure. ',
  "  [Hint: 'cudaErrorLaunchFailure'. An exception occurred on the device while executing a kernel.",
  'OSError: (External) CUDA error(700)',
  'ExternalError: CUDNN error(8), CUDNN_STATUS_EXECUTION_FAILED. ',
  // TensorFlow, jax, onnxruntime, TensorRT, ggml
  'E tensorflow/stream_executor/cuda/cuda_event.cc:29] Error polling for event status: failed to query event: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered',
  'E tensorflow/stream_executor/cuda/cuda_dnn.cc:329] Could not create cudnn handle: CUDNN_STATUS_NOT_INITIALIZED',
  'jaxlib.xla_extension.XlaRuntimeError: INTERNAL: CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure',
  '[E:onnxruntime:, cuda_call.cc:116] CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=node7',
  'onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0',
  '[TRT] [E] 1: [checkMacros.cpp::catchCudaError::272] Error Code 1: Cuda Runtime (an illegal memory access was encountered)',
  'CUDA error 700 at ggml-cuda.cu:7010: an illegal memory access was encountered',
  'CUDA error: an illegal memory access was encountered\n  current device: 0, in function ggml_backend_cuda_synchronize',
  // ROCm
  'RuntimeError: HIP error: an illegal memory access was encountered',
  'RuntimeError: HIP error: unspecified launch failure',
  'hipErrorIllegalAddress',
  'HIP error: invalid pc',
  'Memory access fault by GPU node-1 (Agent handle: 0x55d0a0) on address 0x7f0000000000. Reason: Page not present or supervisor privilege.',
  'HSA_STATUS_ERROR_EXCEPTION: An HSAIL operation resulted in a hardware exception. code: 0x1016',
  'RuntimeError: CUDA error: HIPBLAS_STATUS_NOT_INITIALIZED when calling `hipblasCreate(handle)`',
  'RuntimeError: miopenStatusUnknownError',
  // Vulkan, DirectX, WebGPU, SYCL, OpenCL, Metal
  'vkQueueSubmit failed -4',
  'vkWaitForFences failed -4',
  'vk::Queue::submit: ErrorDeviceLost',
  'RuntimeError: VK_ERROR_DEVICE_LOST',
  'wgpu error: Validation Error: Parent device is lost',
  'RuntimeError: the device is lost',
  'Device lost.',
  'RuntimeError: DXGI_ERROR_DEVICE_REMOVED',
  '[ONNXRuntimeError] : 1 : FAIL : DmlFusedNode: 887A0005 The GPU device instance has been suspended. Use GetDeviceRemovedReason to determine the appropriate action.',
  'RuntimeError: Native API failed. Native API returns: 20 (UR_RESULT_ERROR_DEVICE_LOST)',
  'clEnqueueNDRangeKernel failed: CL_INVALID_COMMAND_QUEUE',
  'Error: command buffer exited with error status. (00000004:kIOGPUCommandBufferCallbackErrorSubmissionsIgnored)',
  // The card
  'NVMLError_GpuIsLost: GPU is lost',
  'Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.  Reboot the system to recover this GPU',
  'NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus.',
];

/** Words alike that say nothing of the process. */
const OTHER: readonly string[] = [
  // Of the card, or of the installation
  'RuntimeError: CUDA error: no kernel image is available for execution on the device',
  'RuntimeError: CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1\nCompile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\nDevice-side assertion tracking was not enabled by user.',
  'RuntimeError: cuda runtime error (48) : no kernel image is available for execution on the device',
  'RuntimeError: CUDA driver error: no kernel image is available for execution on the device',
  'RuntimeError: CUDA driver error: device kernel image is invalid',
  'CUDA_ERROR_NO_BINARY_FOR_GPU',
  'hipErrorNoBinaryForGpu: Unable to find code object for all current devices!',
  'RuntimeError: HIP error: invalid device function',
  'RuntimeError: The NVIDIA driver on your system is too old (found version 11040).',
  'RuntimeError: CUDA error: CUDA driver version is insufficient for CUDA runtime version',
  'RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain.',
  'RuntimeError: No CUDA GPUs are available',
  'RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment, e.g. changing env variable CUDA_VISIBLE_DEVICES after program start.',
  'AssertionError: Torch not compiled with CUDA enabled',
  // Of the page
  'RuntimeError: CUDA error: invalid argument',
  'RuntimeError: CUDA error: invalid configuration argument',
  'RuntimeError: cuDNN error: CUDNN_STATUS_BAD_PARAM',
  'RuntimeError: cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in a non-contiguous input.',
  'RuntimeError: CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasSgemm( handle, opa, opb, m, n, k)`',
  'RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!',
  'IndexError: index 59 is out of bounds for axis 0 with size 7',
  'ValueError: CUDA needs 77 pages',
  'AssertionError: block 3 has no text',
  // Of memory
  'RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/THCCachingHostAllocator.cpp:278',
  'RuntimeError: CUDA driver error: out of memory',
  'RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED',
  'kIOGPUCommandBufferCallbackErrorOutOfMemory',
  // Names and quotations
  'Translating: "device-side assert triggered.png"',
  'RuntimeError: failed on device-side assert triggered.png',
  'RuntimeError: failed on device-side assert triggered 2.png',
  'ValueError: device-side assert triggered/001.png: no text',
  "FileNotFoundError: [Errno 2] No such file or directory: '/in/CUDA error: misaligned address/1.png'",
  'FileNotFoundError: [Errno 2] No such file or directory: /in/VK_ERROR_DEVICE_LOST.png',
  'ERROR: [fake] Failed to open image: /in/VK_ERROR_DEVICE_LOST/1.png',
  'ValueError: the translation "CUDA error: an illegal memory access was encountered" is too long',
  "ValueError: 'unspecified launch failure' is no translation",
  'ValueError: 「CUDA error: device-side assert triggered」 does not fit',
  'ValueError: can\'t place "CUDA error: device-side assert trig',
  '[gpt] - Oh no, the GPU is lost!',
  '[gpt] - My device is lost somewhere in the city',
  // Nothing failed
  'WARNING: CUDA error: device-side assert triggered, going on',
  'UserWarning: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED is ignored',
  '2026-01-02 03:04:05,678 - upscaler - WARNING - cuDNN error: CUDNN_STATUS_EXECUTION_FAILED, going on with half the size',
  '    raise RuntimeError(CUDA error: device-side assert triggered)',
  '',
];

test.each(BROKEN)('broken: %s', (line) => {
  expect(tellsBrokenContext(['before', line, 'after'])).toBe(true);
});

test.each([...OTHER, ...OTHER_LINES, ...OUT_OF_MEMORY_LINES.map(([line]) => line)])(
  'not broken: %s',
  (line) => {
    expect(tellsBrokenContext([line])).toBe(false);
  },
);

test('one line of many is enough, and none is none', () => {
  expect(tellsBrokenContext([])).toBe(false);
  expect(tellsBrokenContext(['RuntimeError: CUDA out of memory.', 'CUDA error: misaligned address'])).toBe(
    true,
  );
});

test('no line takes long', () => {
  const parts = [
    'a',
    'a.',
    ' ',
    "'",
    '" ',
    'cuda ',
    'gpu error ',
    '/',
    'block: [',
    '1,',
    'error:device ',
    'x`',
    '「',
  ];
  const ms = processorMs(() => {
    for (const part of parts)
      tellsBrokenContext([
        part.repeat(500_000 / part.length),
        `${part.repeat(1000 / part.length)}\n`.repeat(200),
      ]);
  });
  expect(ms).toBeLessThan(2000);
});
