import assert from "node:assert/strict";
import { CATALOGUE, catalogueEntry, parseHubFile } from "../../../src/models/catalogue.js";
import { expectedCost, REFERENCE_SPEED } from "../../../src/models/expectedCost.js";
import { hubSettings } from "../../../src/models/hubSettings.js";
import { LacunaError } from "../../../src/protocol/errors.js";

describe("catalogue", () => {
  it("has names and files that are told apart, and files that the hub can have", () => {
    const distinct = (values: readonly string[]): number => new Set(values).size;
    assert.equal(distinct(CATALOGUE.map(({ name }) => name)), CATALOGUE.length);
    assert.equal(distinct(CATALOGUE.map(({ repository, file }) => `${repository}/${file}`)), CATALOGUE.length);
    for (const { name, repository, file, sha256 } of CATALOGUE) {
      assert.match(name, /^[a-z0-9.-]+$/);
      assert.deepEqual(parseHubFile(`${repository}/${file}`), { repository, file });
      assert.match(sha256 ?? "0".repeat(64), /^[0-9a-f]{64}$/);
    }
  });

  it("says a caution for each licence that does not allow everything", () => {
    for (const { name, licence } of CATALOGUE) assert.equal(licence.caution === "", licence.name === "Apache-2.0", name);
    assert.match(catalogueEntry("qwen2.5-coder-3b").licence.caution, /no commercial use/);
  });

  it("refuses a name that it does not have and says which it has", () => {
    assert.throws(() => catalogueEntry("gpt"), { code: "modelUnknown", remedy: /qwen2\.5-coder-1\.5b/ });
    assert.equal(catalogueEntry("Qwen2.5-Coder-7B").parameters > 7e9, true);
  });

  it("reads a file of the hub that is written out, and nothing that leaves its repository", () => {
    assert.deepEqual(parseHubFile("a/b/c/d.gguf"), { repository: "a/b", file: "c/d.gguf" });
    for (const bad of ["a/b", "a/b/c.bin", "a/../b.gguf", "a/b/../c.gguf", "../a/b.gguf", "/a/b/c.gguf", "a/b/c d.gguf", "https://x/a/b.gguf"]) {
      assert.equal(parseHubFile(bad), undefined, bad);
    }
  });
});

describe("expectedCost", () => {
  const model = { bytes: 1e9, parameters: REFERENCE_SPEED.parameters, layers: 28, kvHeads: 2, headDim: 128 };

  it("is the measured speed for the measured model on the measured machine", () => {
    const { msPerToken, promptTokensPerSecond } = expectedCost(model);
    assert.deepEqual([msPerToken, promptTokensPerSecond], [REFERENCE_SPEED.msPerToken, REFERENCE_SPEED.promptTokensPerSecond]);
  });

  it("takes twice as long for twice the parameters, and half as long on a machine twice as fast", () => {
    const larger = expectedCost({ ...model, parameters: 2 * model.parameters });
    assert.equal(larger.msPerToken, 2 * REFERENCE_SPEED.msPerToken);
    const faster = expectedCost(model, { parameters: model.parameters / 2, msPerToken: 10, promptTokensPerSecond: 100 }, 2);
    assert.deepEqual([faster.msPerToken, faster.promptTokensPerSecond], [10, 100]);
  });

  it("counts the weights and the cache of the context", () => {
    const cacheBytes = 2 * 28 * 2 * 128 * 4 * 4096;
    assert.equal(expectedCost(model).memoryBytes, 1.3e9 + cacheBytes + 200e6);
  });
});

describe("hubSettings", () => {
  it("takes what is given before the variables, and the newer variable before the older", () => {
    const variables = { HF_ENDPOINT: "https://mirror.invalid/", HF_TOKEN: "new", HUGGING_FACE_HUB_TOKEN: "old" };
    assert.deepEqual(hubSettings({}), { endpoint: "https://huggingface.co", token: undefined, proxy: undefined });
    assert.deepEqual(hubSettings(variables), { endpoint: "https://mirror.invalid", token: "new", proxy: undefined });
    const given = { endpoint: "http://localhost:1/hub", token: " secret\n", proxy: "" };
    assert.deepEqual(hubSettings(variables, given), { endpoint: "http://localhost:1/hub", token: "secret", proxy: "" });
    assert.equal(hubSettings({ HUGGING_FACE_HUB_TOKEN: "old", HF_TOKEN: "" }).token, "old");
  });

  it("refuses an address that is none, and a token that would break a header, without naming it", () => {
    const isRefused = (code: string) => (error: unknown) => error instanceof LacunaError && error.code === code && !/sec/.test(error.message);
    assert.throws(() => hubSettings({ HF_ENDPOINT: "mirror" }), isRefused("hubUnusable"));
    assert.throws(() => hubSettings({ HF_ENDPOINT: "file:///x" }), isRefused("hubUnusable"));
    assert.throws(() => hubSettings({ HF_TOKEN: "sec\r\nret" }), isRefused("hubRefused"));
  });
});
