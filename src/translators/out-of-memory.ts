const OUT_OF_MEMORY =
  /CUDA out of memory|CUDA error: out of memory|CUDA failure \d+: out of memory|HIP out of memory|numpy\.core\._exceptions\.\w*MemoryError|Unable to allocate [\d.]+ .iB for an array|OutOfMemoryError|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED|Failed to allocate memory for requested buffer|not enough memory: you tried to allocate|^MemoryError\b/m;

/** True where the lines are those of torch, onnxruntime or Python out of memory. */
export const tellsOutOfMemory = (lines: readonly string[]): boolean => OUT_OF_MEMORY.test(lines.join('\n'));
