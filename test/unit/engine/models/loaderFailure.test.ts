import assert from "node:assert/strict";
import { loaderFailure } from "../../../../src/engine/models/loaderFailure.js";

/** As the runtime writes it, among colours and file names of its own. */
const outputOf = (said: string): string =>
  `\u001b[1;31m[E:onnxruntime:] provider_bridge_ort.cc:1988 Get() [ONNXRuntimeError] : 1 : FAIL : ` +
  `Failed to load library /data/libonnxruntime_providers_cuda.so with error: ${said}\n\u001b[m\n`;
const missing = (library: string): string => outputOf(`${library}: cannot open shared object file: No such file or directory`);

describe("what the loader says of a provider's library", () => {
  it("names the library that is missing, and what of NVIDIA has it", () => {
    const owners = { "libcudart.so.13": "CUDA runtime", "libcublas.so.13": "cuBLAS", "libcublasLt.so.13": "cuBLAS", "libcurand.so.10": "cuRAND" };
    for (const [library, owner] of Object.entries({ ...owners, "libcuda.so.1": "driver", "libcufft.so.12": "cuFFT", "libcudnn.so.9": "cuDNN" })) {
      const failure = loaderFailure(missing(library));
      assert.equal(failure?.missing, library);
      assert.ok(failure.why.startsWith(`${library} is not found; `) && failure.why.includes(owner), failure.why);
    }
  });

  it("says nothing of who has a library that it does not know", () => {
    assert.deepEqual(loaderFailure(missing("libother.so.2")), { why: "libother.so.2 is not found", missing: "libother.so.2" });
  });

  it("is passed on as it is where no library is missing", () => {
    const said = "/lib/libstdc++.so.6: version `GLIBCXX_9' not found (required by /data/libonnxruntime_providers_cuda.so)";
    assert.deepEqual(loaderFailure(outputOf(said)), { why: said });
  });

  it("is not heard where it said nothing", () => assert.equal(loaderFailure("Couldn't load Vulkan: libvulkan.so.1"), undefined));

  it("does not take the provider's own file for one of another's", () => {
    const own = outputOf("/data/libonnxruntime_providers_cuda.so: cannot open shared object file: No such file or directory");
    assert.equal(loaderFailure(own)?.missing, undefined);
  });
});
