import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { WeightFile } from "../../../src/convert/weights/weightFile.js";
import { withFolder } from "./checkpointFolder.js";

describe("weight file", () => {
  it("starts each weight at a multiple of 4096 and says where it is", async () => {
    await withFolder((folder) => {
      const file = new WeightFile(path.join(folder, "model.onnx.data"));
      const floats = Float32Array.from({ length: 1100 }, (_, index) => index);
      const weights: Record<string, Float32Array | Uint8Array> = { a: floats.subarray(10), b: Uint8Array.of(1, 2, 3), c: floats };
      for (const [name, data] of Object.entries(weights)) {
        file.add(name, data instanceof Uint8Array ? "uint8" : "float32", [data.length], data);
      }
      file.close();
      const written = readFileSync(path.join(folder, "model.onnx.data"));
      assert.deepEqual(
        file.initializers.map((initializer) => initializer.name),
        ["a", "b", "c"],
      );
      for (const { name, data } of file.initializers) {
        assert.ok(!(data instanceof Uint8Array));
        assert.equal(data.location, "model.onnx.data");
        assert.equal(data.offset % 4096, 0);
        const { buffer, byteOffset, byteLength } = weights[name];
        assert.deepEqual(written.subarray(data.offset, data.offset + data.bytes), Buffer.from(buffer, byteOffset, byteLength));
      }
    });
  });
});
