import assert from "node:assert/strict";
import { absenceOf, type MachineFacts } from "../../../../src/engine/models/absence.js";
import type { CudaFacts } from "../../../../src/engine/models/cudaFacts.js";

const LINUX = { platform: "linux-x64", runtimeVersion: "1.2.3", compiledIn: ["cpu", "webgpu", "cuda"] };
const factsWith = (cuda: Partial<CudaFacts>): MachineFacts => ({ ...LINUX, cuda: { hasDriver: true, hasProvider: false, gotFor: [], ...cuda } });

describe("what a machine lacks for CUDA", () => {
  it("is a driver before anything else, and nothing is to be downloaded then", () => {
    const absence = absenceOf("cuda", factsWith({ hasDriver: false }));
    assert.match(absence ?? "", /NVIDIA driver/);
    assert.doesNotMatch(absence ?? "", /devices get/);
    assert.equal(absenceOf("cuda", factsWith({ hasDriver: false, hasProvider: true })), absence);
  });

  it("is then the provider's libraries, with the command that gets them", () => {
    assert.match(absenceOf("cuda", factsWith({})) ?? "", /not there; `lacuna devices get cuda`/);
  });

  it("is the right ones where they were got for another version or build of the runtime, and both versions are named", () => {
    assert.match(absenceOf("cuda", factsWith({ gotFor: ["1.2.2"] })) ?? "", /runtime 1\.2\.2, and this is 1\.2\.3; `lacuna devices get cuda`/);
    assert.match(absenceOf("cuda", factsWith({ gotFor: ["1.2.2", "1.2.3"] })) ?? "", /another build of the runtime; `lacuna devices get cuda`/);
  });

  it("is nothing that files tell where driver and libraries are there", () => {
    assert.equal(absenceOf("cuda", factsWith({ hasProvider: true, gotFor: ["1.2.2"] })), undefined);
  });

  it("is the backend where the runtime was built without it", () => {
    const windows = { ...factsWith({}), platform: "win32-x64", compiledIn: ["cpu", "dml", "webgpu"] };
    assert.match(absenceOf("cuda", windows) ?? "", /build for win32-x64 has no such backend/);
  });
});

describe("what a machine lacks for a device of one system", () => {
  it("is that system, elsewhere, and nothing there", () => {
    assert.match(absenceOf("dml", factsWith({})) ?? "", /Windows/);
    assert.match(absenceOf("coreml", factsWith({})) ?? "", /macOS/);
    assert.equal(absenceOf("dml", { ...factsWith({}), platform: "win32-arm64", compiledIn: ["cpu", "dml"] }), undefined);
    assert.equal(absenceOf("coreml", { ...factsWith({}), platform: "darwin-arm64", compiledIn: ["cpu", "coreml"] }), undefined);
  });
});

describe("what a machine lacks for WebGPU", () => {
  it("is known by trying alone", () => assert.equal(absenceOf("webgpu", factsWith({ hasDriver: false })), undefined));
});
