import assert from "node:assert/strict";
import { hindranceOf } from "../../../../src/engine/models/hindrance.js";
import type { VerifierEntry } from "../../../../src/protocol/manifest.js";

const entryOf = (type: "float32" | "float16"): VerifierEntry => ({ cache: { type } }) as unknown as VerifierEntry;
const IN_BLOCKS = Buffer.from("...MatMulNBits...");

describe("what keeps a verifier from WebGPU", () => {
  it("is nothing where its weights are stored in blocks", () => assert.equal(hindranceOf("webgpu", entryOf("float32"), IN_BLOCKS), undefined));

  it("is weights in rows, a reader, or a cache of halves", () => {
    assert.match(hindranceOf("webgpu", entryOf("float32"), Buffer.from("...MatMulIntegerToFloat...")) ?? "", /--weights rows/);
    assert.match(hindranceOf("webgpu", entryOf("float16"), IN_BLOCKS) ?? "", /halves/);
  });

  it("keeps it from no other device", () => assert.equal(hindranceOf("cuda", entryOf("float16"), IN_BLOCKS), undefined));
});
