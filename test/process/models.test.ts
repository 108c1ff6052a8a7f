import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { EngineClient } from "../../src/client/engineClient.js";
import { LacunaError, type ErrorCode } from "../../src/protocol/errors.js";
import type { Manifest } from "../../src/protocol/manifest.js";
import { completeParams, enginePath, modelsDir } from "./engineFixture.js";

/** What is done to a copy of the models folder, and the error that loading it must give. */
const table: { what: string; damage: (folder: string, manifest: Manifest) => void; code: ErrorCode }[] = [
  { what: "no manifest", damage: (folder) => rmSync(path.join(folder, "manifest.json")), code: "modelMissing" },
  { what: "a manifest that is not JSON", damage: (folder) => writeFileSync(path.join(folder, "manifest.json"), "{"), code: "manifestInvalid" },
  { what: "a missing weight file", damage: (folder, { models }) => rmSync(path.join(folder, models[0].data.path)), code: "modelMissing" },
  {
    what: "a truncated weight file",
    damage: (folder, { models }) => truncateSync(path.join(folder, models[0].data.path), 1000),
    code: "modelTruncated",
  },
  {
    what: "a weight file with one changed byte",
    damage: (folder, { models }) => {
      const file = path.join(folder, models[1].data.path);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(file, bytes);
    },
    code: "modelHashMismatch",
  },
  {
    what: "a graph of the right hash that is not a graph",
    damage: (folder, manifest) => {
      const [first, ...others] = manifest.models;
      const graph = { path: first.graph.path, bytes: 2, sha256: createHash("sha256").update("10").digest("hex") };
      writeFileSync(path.join(folder, graph.path), "10");
      writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ ...manifest, models: [{ ...first, graph }, ...others] }));
    },
    code: "modelUnusable",
  },
];

describe("loading models", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-models-"));
    cpSync(modelsDir, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const { what, damage, code } of table) {
    it(`fails with ${code} for ${what}, and the engine then loads good models`, async () => {
      const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as Manifest;
      damage(folder, manifest);
      const engine = await EngineClient.start({ enginePath });
      try {
        await assert.rejects(
          engine.load({ modelsDir: folder, threads: 1 }),
          (error) => error instanceof LacunaError && error.code === code && error.remedy !== "",
        );
        await engine.load({ modelsDir, threads: 1 });
        assert.equal((await engine.complete({ ...completeParams, maxTokens: 4 })).outcome, "done");
      } finally {
        await engine.dispose();
      }
    });
  }
});
