import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { convertCheckpoint, type Conversion } from "../../../src/convert/convert.js";
import { addToManifest } from "../../../src/convert/manifestFile.js";
import { parseManifest, type ManifestFile } from "../../../src/protocol/manifest.js";
import { float32Tensor, tinyCheckpoint, unusableWith, withFolder, writeVariant } from "./checkpointFolder.js";

const conversion = (out: string, role: Conversion["role"], source = tinyCheckpoint): Conversion => ({
  source,
  out,
  role,
  weights: "int8",
  name: "tiny",
  licence: "MIT",
  origin: "random weights",
});
const tokenizerOf = (source: string): string => path.join(source, "tokenizer.json");

/** Makes a models folder of the tiny checkpoint in both roles. */
function convertBoth(out: string): void {
  for (const role of ["verifier", "diffuser"] as const) {
    addToManifest(out, tokenizerOf(tinyCheckpoint), convertCheckpoint(conversion(out, role)));
  }
}

/** The tiny checkpoint's tokenizer, with `from` replaced by `to`. */
function writeOtherTokenizer(folder: string, from: string, to: string): void {
  cpSync(tinyCheckpoint, folder, { recursive: true });
  writeFileSync(tokenizerOf(folder), readFileSync(tokenizerOf(tinyCheckpoint), "utf8").replace(from, to));
}

/** Paths and contents of all files below `folder`. */
function contentsOf(folder: string): [string, string][] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return paths.map((file) => [path.relative(folder, file), createHash("sha256").update(readFileSync(file)).digest("hex")]);
}

describe("conversion", () => {
  it("gives a manifest entry with the sizes of the network", async () => {
    await withFolder((out) => {
      const { graph, data, ...facts } = convertCheckpoint(conversion(out, "diffuser"));
      assert.deepEqual([graph.path, data.path], ["diffuser/model.onnx", "diffuser/model.onnx.data"]);
      assert.deepEqual(facts, {
        name: "tiny",
        role: "diffuser",
        weights: "int8",
        // 288 * 64 for the embedding; a layer has 128 * 65 + 64 * 64 for attention, 3 * 64 * 96 for the rest and 2 norms
        parameters: 288 * 64 + 2 * (128 * 65 + 64 * 64 + 3 * 64 * 96 + 128) + 64,
        contextTokens: 128,
        vocabSize: 288,
        layers: 2,
        kvHeads: 1,
        headDim: 32,
        maxSlots: 64,
        suffixHeadTokens: 8,
        licence: "MIT",
        origin: "random weights",
      });
    });
  });

  it("makes the same files from the same checkpoint", async () => {
    await withFolder((out) => {
      convertCheckpoint(conversion(path.join(out, "a"), "verifier"));
      convertCheckpoint(conversion(path.join(out, "b"), "verifier"));
      assert.deepEqual(contentsOf(path.join(out, "a")), contentsOf(path.join(out, "b")));
    });
  });

  it("makes a manifest that names every file by size and hash, and the special tokens by id", async () => {
    await withFolder((out) => {
      convertBoth(out);
      const manifest = parseManifest(readFileSync(path.join(out, "manifest.json"), "utf8"));
      const named = [manifest.tokenizer, ...manifest.models.flatMap(({ graph, data }) => [graph, data])];
      const described = named.map((file: ManifestFile): [string, string] => [file.path, file.sha256]).sort();
      assert.deepEqual(described, contentsOf(out).filter(([file]) => file !== "manifest.json"));
      for (const file of named) assert.equal(readFileSync(path.join(out, file.path)).length, file.bytes);
      const { eos, fimPrefix, fimMiddle, fimSuffix, mask, expand, sep, fileSep } = manifest.specialIds;
      assert.deepEqual([eos, fimPrefix, fimMiddle, fimSuffix, mask, expand, sep, fileSep], [0, 1, 2, 3, 4, 5, 6, 7]);
    });
  });

  it("replaces the model of the same role in the manifest", async () => {
    await withFolder((out) => {
      for (const name of ["first", "second"]) {
        addToManifest(out, tokenizerOf(tinyCheckpoint), { ...convertCheckpoint(conversion(out, "verifier")), name });
      }
      const { models } = parseManifest(readFileSync(path.join(out, "manifest.json"), "utf8"));
      assert.deepEqual(models.map(({ name }) => name), ["second"]);
    });
  });

  const refused: { what: string; write: (folder: string) => void; sentence: RegExp }[] = [
    {
      what: "lacks a tensor of its last layer",
      write: (folder) => writeVariant(folder, { tensors: { "model.layers.1.mlp.down_proj.weight": undefined } }),
      sentence: /no tensor model\.layers\.1\.mlp\.down_proj\.weight/,
    },
    {
      what: "has a tensor of another shape than config.json says",
      write: (folder) => writeVariant(folder, { tensors: { "model.norm.weight": float32Tensor([32], new Float32Array(32)) } }),
      sentence: /model\.norm\.weight of shape \[32\] instead of \[64\]/,
    },
    {
      what: "has no tied head and no head of its own",
      write: (folder) => writeVariant(folder, { config: { tie_word_embeddings: false } }),
      sentence: /no tensor lm_head\.weight/,
    },
    {
      what: "has a tokenizer without a special token",
      write: (folder) => writeOtherTokenizer(folder, "<|mask|>", "<|other|>"),
      sentence: /without the special token <\|mask\|>/,
    },
    {
      what: "has another tokenizer than the model of the other role",
      write: (folder) => writeOtherTokenizer(folder, "{", "{ "),
      sentence: /another tokenizer than the diffuser/,
    },
    {
      what: "has a tokenizer.json that is not JSON",
      write: (folder) => writeOtherTokenizer(folder, "{", ""),
      sentence: /no readable tokenizer\.json/,
    },
  ];
  for (const { what, write, sentence } of refused) {
    it(`leaves a models folder as it was when the checkpoint ${what}`, async () => {
      await withFolder((folder) => {
        const [source, out] = [path.join(folder, "source"), path.join(folder, "models")];
        convertBoth(out);
        const contents = contentsOf(out);
        write(source);
        assert.throws(() => convertCheckpoint(conversion(out, "verifier", source)), unusableWith(sentence));
        assert.deepEqual(contentsOf(out), contents);
        assert.ok(!existsSync(path.join(out, "verifier.unfinished")));
      });
    });
  }
});
