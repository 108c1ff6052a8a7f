import assert from "node:assert/strict";
import { LacunaError } from "../../../src/protocol/errors.js";
import { decodersOf, diffuserOf, filesOf, readerOf, verifierOf } from "../../../src/protocol/manifest.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";

const file = { path: "a", sha256: "0", bytes: 1 };
const common = {
  ...{ weights: "int8", parameters: 1, contextTokens: 8, vocabSize: 9, tokenizer: file, graph: file, data: file },
  ...{ cache: { layers: 1, kvHeads: 1, headDim: 16, type: "float32" }, licence: "MIT", origin: "here" },
};
const prompt = { order: "suffixFirst", start: [], suffix: [3], prefix: [1], middle: [2], related: { form: "comment" } };
const verifier = { ...common, name: "v", role: "verifier", prompt, ends: [0], forbidden: [1, 2, 3] };
const canvas = { mask: 4, goesOn: 6, meets: 3, end: 0 };
const diffuser = { ...common, name: "d", role: "diffuser", verifier: "0", maxSlots: 64, suffixHeadTokens: 8, canvas };
const reader = {
  ...{ name: "r", role: "reader", weights: "int8", parameters: 1, licence: "MIT", origin: "here", verifier: "0" },
  ...{ graph: file, data: file, sequential: file, sequentialData: file, headTokens: 4, rank: 2, hiddenSize: 16, reads: [0], maxSlots: 8 },
};
const json = (...models: object[]): string => JSON.stringify({ formatVersion: 2, models });

describe("parseManifest", () => {
  it("accepts a verifier alone, and one with its diffuser", () => {
    assert.equal(verifierOf(parseManifest(json(verifier))).name, "v");
    assert.equal(diffuserOf(parseManifest(json(verifier))), undefined);
    assert.equal(diffuserOf(parseManifest(json(verifier, diffuser)))?.name, "d");
  });

  it("accepts a verifier with its reader, which has no context of its own", () => {
    const manifest = parseManifest(json({ ...verifier, sourceSha256: "1" }, reader));
    assert.deepEqual([readerOf(manifest)?.name, diffuserOf(manifest), verifierOf(manifest).sourceSha256], ["r", undefined, "1"]);
    assert.deepEqual(decodersOf(manifest).map(({ name }) => name), ["v"]); // prettier-ignore
    assert.deepEqual(manifest.models.map((model) => filesOf(model).length), [3, 4]); // prettier-ignore
  });

  it("accepts other files in the form of a repository", () => {
    const related = { form: "repository", repository: [5], file: [6] };
    assert.equal(parseManifest(json({ ...verifier, prompt: { ...prompt, related } })).models.length, 1);
  });

  it("accepts bars of suggestions for every kind of place", () => {
    const bars = { lineEnd: 0.1, middle: 0.2, comment: 0.3, prose: 0.4 };
    const suggestionBars = { balanced: bars, sure: bars };
    assert.deepEqual(verifierOf(parseManifest(json({ ...verifier, suggestionBars }))).suggestionBars, suggestionBars);
  });

  it("accepts a file that begins with a byte order mark", () => assert.equal(parseManifest(`\uFEFF${json(verifier)}`).models.length, 1));

  it("accepts that definitions do not help a verifier", () => {
    assert.equal(verifierOf(parseManifest(json({ ...verifier, usesDefinitions: false }))).usesDefinitions, false);
  });

  const table: [string, string, RegExp][] = [
    ["a wrong word on definitions", json({ ...verifier, usesDefinitions: "no" }), /usesDefinitions/],
    ["text that is not JSON", "{", /not JSON/],
    ["the format before this one", JSON.stringify({ formatVersion: 1, models: [verifier] }), /format version 1, not 2/],
    ["no list of models", JSON.stringify({ formatVersion: 2, models: {} }), /no list/],
    ["no verifier", json(diffuser), /must name one verifier/],
    ["two verifiers", json(verifier, verifier), /must name one verifier/],
    ["two diffusers", json(verifier, diffuser, diffuser), /more than one diffuser/],
    ["a diffuser beside a reader", json(verifier, diffuser, reader), /more than one diffuser or reader/],
    ["a reader without its sequential head", json(verifier, { ...reader, sequentialData: undefined }), /models\[1\].sequentialData/],
    ["a reader that reads nothing", json(verifier, { ...reader, reads: [] }), /no layer in models\[1\].reads/],
    ["a hash of the source that is none", json({ ...verifier, sourceSha256: 1 }), /sourceSha256/],
    ["an unknown role", json({ ...verifier, role: "poet" }), /unknown role/],
    ["a missing tokenizer", json({ ...verifier, tokenizer: undefined }), /models\[0\].tokenizer/],
    ["a file without a hash", json({ ...verifier, data: { path: "a", bytes: 1 } }), /sha256/],
    ["an unknown type of cache", json({ ...verifier, cache: { ...common.cache, type: "int3" } }), /unknown type/],
    ["a prompt of unknown order", json({ ...verifier, prompt: { ...prompt, order: "sideways" } }), /unknown order/],
    ["other files in an unknown form", json({ ...verifier, prompt: { ...prompt, related: { form: "poem" } } }), /unknown form/],
    ["a repository without its ids", json({ ...verifier, prompt: { ...prompt, related: { form: "repository", file: [1] } } }), /repository/],
    ["no end", json({ ...verifier, ends: [] }), /no end/],
    ["an id that is none", json({ ...verifier, forbidden: [1.5] }), /list of token ids/],
    ["a canvas without mask", json(verifier, { ...diffuser, canvas: { ...canvas, mask: "4" } }), /canvas.mask/],
    ["constants that are incomplete", json(verifier, { ...diffuser, lengthBias: { a: 1 } }), /lengthBias.b/],
    ["bars of suggestions without a level", json({ ...verifier, suggestionBars: { sure: {} } }), /suggestionBars.balanced/],
    ["bars without a kind of place", json({ ...verifier, suggestionBars: { balanced: { lineEnd: 1 }, sure: {} } }), /balanced.middle/],
    ["null", "null", /is not an object/],
    ["a file outside its folder", json({ ...verifier, graph: { ...file, path: "../a" } }), /outside its folder in models\[0\].graph.path/],
    ["a file inside and out again", json({ ...verifier, data: { ...file, path: "verifier/../../a" } }), /outside its folder/],
    ["an absolute path", json({ ...verifier, data: { ...file, path: "/etc/passwd" } }), /outside its folder/],
    ["a path of Windows", json({ ...verifier, data: { ...file, path: "..\\a" } }), /outside its folder/],
    ["a drive", json({ ...verifier, data: { ...file, path: "C:a" } }), /outside its folder/],
    ["no path", json({ ...verifier, data: { ...file, path: "" } }), /outside its folder/],
    ["a size below zero", json({ ...verifier, data: { ...file, bytes: -1 } }), /data.bytes \(whole number\)/],
    ["a cache of more layers than there are", json({ ...verifier, cache: { ...common.cache, layers: 1e9 } }), /cache.layers/],
    ["heads of a negative size", json({ ...verifier, cache: { ...common.cache, headDim: -64 } }), /cache.headDim/],
    ["a cache larger than memory", json({ ...verifier, cache: { ...common.cache, layers: 4096, kvHeads: 4096, headDim: 4096 } }), /cannot be/],
    ["a context of less than nothing", json({ ...verifier, contextTokens: -4 }), /contextTokens/],
    ["half a token", json({ ...verifier, contextTokens: 8.5 }), /contextTokens/],
    [
      "a token that is not in the vocabulary",
      json({ ...verifier, prompt: { ...prompt, start: [9] } }),
      /outside the vocabulary in models\[0\].prompt.start/,
    ],
    ["a marker as long as a text", json({ ...verifier, prompt: { ...prompt, suffix: Array(65).fill(1) } }), /more than 64 tokens/],
    ["no token that may be written", json({ ...verifier, forbidden: [...Array(common.vocabSize).keys()] }), /forbids every token/],
    ["an end that is not in it", json({ ...verifier, ends: [9] }), /outside the vocabulary/],
    ["a mask that is not in it", json(verifier, { ...diffuser, canvas: { ...canvas, mask: 9 } }), /outside the vocabulary in models\[1\].canvas/],
    ["a reader whose head is too large", json(verifier, { ...reader, headTokens: 1e9 }), /headTokens/],
    ["a reader of a negative rank", json(verifier, { ...reader, rank: -7 }), /rank/],
    ["a name that writes to the terminal", json({ ...verifier, name: "\u001b[31mred" }), /no plain text of one line in models\[0\].name/],
    ["an empty name", json({ ...verifier, name: "" }), /models\[0\].name/],
  ];
  for (const [what, text, message] of table) {
    it(`refuses ${what}, and says so`, () => {
      const isNamed = (error: unknown): boolean => error instanceof LacunaError && error.code === "manifestInvalid" && message.test(error.message);
      assert.throws(() => parseManifest(text), isNamed);
    });
  }
});
