/** Variable of an engine's environment: the folder of what was got for devices. */
export const DEVICES_FOLDER = "LACUNA_DEVICES";
/** The runtime's library on Linux. The libraries of its providers are looked for in the folder that it was loaded from. */
export const RUNTIME_LIBRARY = "libonnxruntime.so.1";
/** Those of the CUDA provider. */
export const CUDA_LIBRARIES: readonly string[] = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];
