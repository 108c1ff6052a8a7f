import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";
import { isTensorType, TENSOR_TYPES } from "../../../src/gguf/tensorKind.js";

/** Written by training/scripts/write_gguf_fixture.py with the gguf package. */
const cases = JSON.parse(readFileSync(path.resolve("test/unit/convert/fixtures/blocks.json"), "utf8")) as Record<
  string,
  { readonly blocks: string; readonly values: string }
>;

describe("blocks of a GGUF file", () => {
  it("are known for every type that is read but F32, which is what it is", () => {
    assert.deepEqual([...Object.keys(cases), "F32"].sort(), Object.keys(TENSOR_TYPES).sort());
  });

  for (const [type, { blocks, values }] of Object.entries(cases)) {
    it(`of ${type} have the values that the gguf package gives them`, () => {
      assert.ok(isTensorType(type));
      const expected = new Float32Array(new Uint8Array(Buffer.from(values, "base64")).buffer);
      const actual = decodeTensor(type, new Uint8Array(Buffer.from(blocks, "base64")));
      assert.equal(actual.length, expected.length);
      const peak = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // A product and a difference may round once or twice.
      actual.forEach((value, index) => assert.ok(Math.abs(value - expected[index]) <= peak * 2 ** -22, `${value} is not ${expected[index]}`));
    });
  }
});
