import assert from "node:assert/strict";
import { LacunaError } from "../../../src/protocol/errors.js";
import { parseManifest } from "../../../src/protocol/manifest.js";

const file = { path: "a", sha256: "0", bytes: 1 };
const valid = {
  formatVersion: 1,
  tokenizer: file,
  specialIds: { eos: 0, fimPrefix: 1, fimMiddle: 2, fimSuffix: 3, mask: 4, expand: 5, sep: 6, fileSep: 7 },
  models: [
    {
      name: "v", role: "verifier", weights: "int8", parameters: 1, contextTokens: 8, vocabSize: 9, layers: 1, kvHeads: 1,
      headDim: 16, maxSlots: 0, suffixHeadTokens: 0, graph: file, data: file, licence: "MIT", origin: "here",
    },
  ],
}; // prettier-ignore

describe("parseManifest", () => {
  it("accepts what it describes", () => {
    assert.equal(parseManifest(JSON.stringify(valid)).models[0].name, "v");
  });

  const table: [string, string, RegExp][] = [
    ["text that is not JSON", "{", /not JSON/],
    ["another format version", JSON.stringify({ ...valid, formatVersion: 2 }), /format version 2/],
    ["a missing tokenizer", JSON.stringify({ ...valid, tokenizer: undefined }), /manifest.tokenizer/],
    ["a missing special id", JSON.stringify({ ...valid, specialIds: { ...valid.specialIds, mask: "4" } }), /specialIds.mask/],
    ["an unknown role", JSON.stringify({ ...valid, models: [{ ...valid.models[0], role: "poet" }] }), /unknown role/],
    ["a file without a hash", JSON.stringify({ ...valid, models: [{ ...valid.models[0], data: { path: "a", bytes: 1 } }] }), /sha256/],
    ["null", "null", /lacks manifest/],
  ];
  for (const [what, json, message] of table) {
    it(`refuses ${what} and names it`, () => {
      const isNamed = (error: unknown): boolean => error instanceof LacunaError && error.code === "manifestInvalid" && message.test(error.message);
      assert.throws(() => parseManifest(json), isNamed);
    });
  }
});
