import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { importCheckpoint, type Import } from "../../../src/convert/importCheckpoint.js";
import { LacunaError } from "../../../src/protocol/errors.js";
import { filesOf, type DiffuserEntry, type Manifest, type ManifestFile, type VerifierEntry } from "../../../src/protocol/manifest.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";
import { float32Tensor, tinyCheckpoint, unusableWith, withFolder, writeVariant } from "../../unit/convert/checkpointFolder.js";
import { ggufOf, writeGguf } from "../../unit/convert/ggufWriter.js";

const task = (out: string, role: Import["role"], source = tinyCheckpoint): Import => ({
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
async function importBoth(out: string): Promise<Manifest> {
  await importCheckpoint(task(out, "verifier"));
  return (await importCheckpoint(task(out, "diffuser"))).manifest;
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

const readManifest = (out: string): Manifest => parseManifest(readFileSync(path.join(out, "manifest.json"), "utf8"));

describe("import", () => {
  it("gives a verifier's entry with the sizes of the network and what its prompts are made of", async () => {
    await withFolder(async (out) => {
      const { graph, data, tokenizer, ...facts } = (await importCheckpoint(task(out, "verifier"))).model as VerifierEntry;
      assert.deepEqual([graph.path, data.path, tokenizer.path], ["verifier/model.onnx", "verifier/model.onnx.data", "verifier/tokenizer.json"]);
      assert.deepEqual(facts, {
        name: "tiny",
        role: "verifier",
        weights: "int8",
        // 288 * 64 for the embedding; a layer has 128 * 65 + 64 * 64 for attention, 3 * 64 * 96 for the rest and 2 norms
        parameters: 288 * 64 + 2 * (128 * 65 + 64 * 64 + 3 * 64 * 96 + 128) + 64,
        contextTokens: 128,
        vocabSize: 288,
        cache: { layers: 2, kvHeads: 1, headDim: 32, type: "float32" },
        prompt: { order: "suffixFirst", start: [], suffix: [3], prefix: [1], middle: [2], related: { form: "comment" } },
        ends: [0],
        forbidden: [1, 2, 3, 4, 5, 6, 7],
        sourceSha256: createHash("sha256")
          .update(readFileSync(path.join(tinyCheckpoint, "model.safetensors")))
          .digest("hex"),
        licence: "MIT",
        origin: "random weights",
      });
    });
  });

  it("gives a diffuser's entry that names the verifier it belongs to", async () => {
    await withFolder(async (out) => {
      const { models } = await importBoth(out);
      const [verifier, diffuser] = models as [VerifierEntry, DiffuserEntry];
      assert.equal(diffuser.verifier, verifier.data.sha256);
      assert.deepEqual(diffuser.canvas, { mask: 4, goesOn: 6, meets: 3, flexible: 5, expand: 5, end: 0 });
      assert.deepEqual([diffuser.maxSlots, diffuser.suffixHeadTokens], [64, 8]);
    });
  });

  it("makes the same files from the same checkpoint", async () => {
    await withFolder(async (out) => {
      for (const folder of ["a", "b"]) await importCheckpoint(task(path.join(out, folder), "verifier"));
      assert.deepEqual(contentsOf(path.join(out, "a")), contentsOf(path.join(out, "b")));
    });
  });

  it("names every file by size and hash", async () => {
    await withFolder(async (out) => {
      await importBoth(out);
      const named = readManifest(out).models.flatMap(filesOf);
      const described = named.map((file: ManifestFile): [string, string] => [file.path, file.sha256]).sort();
      assert.deepEqual(
        described,
        contentsOf(out).filter(([file]) => file !== "manifest.json"),
      );
      for (const file of named) assert.equal(readFileSync(path.join(out, file.path)).length, file.bytes);
    });
  });

  it("keeps a diffuser whose verifier is imported again, and drops one whose verifier is replaced", async () => {
    await withFolder(async (out) => {
      await importBoth(out);
      const again = await importCheckpoint({ ...task(out, "verifier"), name: "again" });
      assert.deepEqual(
        again.manifest.models.map(({ name }) => name),
        ["again", "tiny"],
      );
      const other = await importCheckpoint({ ...task(out, "verifier"), weights: "int4" });
      assert.deepEqual(
        other.manifest.models.map(({ role }) => role),
        ["verifier"],
      );
      assert.deepEqual(
        contentsOf(out).map(([file]) => path.dirname(file)),
        [".", "verifier", "verifier", "verifier"],
      );
    });
  });

  it("makes of a GGUF file what it makes of the folder that it came from", async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, "model.gguf");
      writeGguf(file, ggufOf(tinyCheckpoint));
      const [a, b] = [path.join(folder, "a"), path.join(folder, "b")];
      const fromFolder = (await importCheckpoint(task(a, "verifier"))).model as VerifierEntry;
      const fromFile = (await importCheckpoint(task(b, "verifier", file))).model as VerifierEntry;
      assert.equal(fromFile.data.sha256, fromFolder.data.sha256);
      assert.deepEqual([fromFile.prompt, fromFile.ends, fromFile.forbidden], [fromFolder.prompt, fromFolder.ends, fromFolder.forbidden]);
    });
  });

  it("names a model after what its file says, where nothing else is asked for", async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, "model.gguf");
      const gguf = ggufOf(tinyCheckpoint);
      writeGguf(file, { ...gguf, metadata: { ...gguf.metadata, "general.license": { text: "apache-2.0" } } });
      const { model } = await importCheckpoint({ source: file, out: path.join(folder, "out"), role: "verifier", weights: "auto" });
      assert.deepEqual([model.name, model.licence, model.origin, model.weights], ["Tiny", "apache-2.0", "model.gguf", "int8"]);
    });
  });

  it("says how much is done, up to all of it", async () => {
    await withFolder(async (out) => {
      const shares: number[] = [];
      await importCheckpoint(task(out, "verifier"), { onProgress: (share) => shares.push(share) });
      assert.deepEqual(
        shares,
        [...shares].sort((a, b) => a - b),
      );
      assert.ok(shares.length > 10 && shares[0] < 0.5);
      assert.equal(shares.at(-1), 1);
    });
  });

  it("ends when it is interrupted, and leaves no trace", async () => {
    await withFolder(async (folder) => {
      const controller = new AbortController();
      const onProgress = (share: number): void => {
        if (share > 0.5) controller.abort(new Error("enough"));
      };
      const out = path.join(folder, "some", "models");
      await assert.rejects(importCheckpoint(task(out, "verifier"), { onProgress, signal: controller.signal }), /enough/);
      assert.deepEqual(readdirSync(folder), []);
    });
  });

  it("leaves alone what somebody put where a model would go, and what the folder holds beside it", async () => {
    await withFolder(async (out) => {
      for (const role of ["verifier", "diffuser"]) {
        mkdirSync(path.join(out, role));
        writeFileSync(path.join(out, role, "notes.txt"), "mine");
      }
      const taken = (error: unknown): boolean => error instanceof LacunaError && error.code === "folderTaken" && error.message.includes("verifier");
      await assert.rejects(importCheckpoint(task(out, "verifier")), taken);
      assert.deepEqual(contentsOf(out).map(([file]) => file), ["diffuser/notes.txt", "verifier/notes.txt"]); // prettier-ignore
      rmSync(path.join(out, "verifier"), { recursive: true });
      await importCheckpoint(task(out, "verifier"));
      await importCheckpoint({ ...task(out, "verifier"), weights: "int4" });
      assert.equal(readFileSync(path.join(out, "diffuser", "notes.txt"), "utf8"), "mine");
      await assert.rejects(importCheckpoint(task(out, "diffuser")), { code: "folderTaken" });
    });
  });

  it("does not follow a manifest out of its folder", async () => {
    await withFolder(async (folder) => {
      const out = path.join(folder, "models");
      await importCheckpoint(task(out, "verifier"));
      const { models } = readManifest(out);
      writeFileSync(path.join(folder, "victim.txt"), "mine");
      const named = { path: "../victim.txt", sha256: "0", bytes: 4 };
      const reader = { ...models[0], role: "reader", graph: named, data: named, sequential: named, sequentialData: named };
      writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ formatVersion: 2, models: [...models, reader] }));
      await assert.rejects(importCheckpoint(task(out, "verifier")), { code: "manifestInvalid" });
      assert.equal(readFileSync(path.join(folder, "victim.txt"), "utf8"), "mine");
    });
  });

  it("gives names that can be shown in one line, whatever the source says of itself", async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, "model.gguf");
      const gguf = ggufOf(tinyCheckpoint);
      writeGguf(file, { ...gguf, metadata: { ...gguf.metadata, "general.name": { text: "\u001b[31mEvil\u0007\nTwin" } } });
      const { model } = await importCheckpoint({ source: file, out: path.join(folder, "out"), role: "verifier", weights: "auto" });
      assert.equal(model.name, "[31mEvil Twin");
      assert.equal(readManifest(path.join(folder, "out")).models[0].name, model.name);
    });
  });

  it("takes no notice of what an import that was killed has left", async () => {
    await withFolder(async (out) => {
      mkdirSync(path.join(out, "verifier.unfinished"));
      writeFileSync(path.join(out, "verifier.unfinished", "model.onnx.data"), "half");
      await importCheckpoint(task(out, "verifier"));
      assert.deepEqual(readdirSync(out).sort(), ["manifest.json", "verifier"]);
    });
  });

  const refused: { what: string; role?: Import["role"]; write: (folder: string) => void; sentence: RegExp }[] = [
    {
      what: "lacks a tensor of its last layer",
      write: (folder) => writeVariant(folder, { tensors: { "model.layers.1.mlp.down_proj.weight": undefined } }),
      sentence: /no tensor model\.layers\.1\.mlp\.down_proj\.weight/,
    },
    {
      what: "has a tensor that its family has no place for",
      write: (folder) => writeVariant(folder, { tensors: { "model.layers.1.self_attn.q_norm.weight": float32Tensor([32], new Float32Array(32)) } }),
      sentence: /q_norm\.weight, which a qwen2 network has no place for/,
    },
    {
      what: "has a tensor of another shape than config.json says",
      write: (folder) => writeVariant(folder, { tensors: { "model.norm.weight": float32Tensor([32], new Float32Array(32)) } }),
      sentence: /model\.norm\.weight of shape \[32\] instead of \[64\]/,
    },
    {
      what: "has a value that is not finite",
      write: (folder) => writeVariant(folder, { tensors: { "model.norm.weight": float32Tensor([64], new Float32Array(64).fill(NaN)) } }),
      sentence: /values in model\.norm\.weight that are not finite/,
    },
    {
      what: "has no tied head and no head of its own",
      write: (folder) => writeVariant(folder, { config: { tie_word_embeddings: false } }),
      sentence: /no tensor lm_head\.weight/,
    },
    {
      what: "does not say how it fills in the middle",
      write: (folder) => writeOtherTokenizer(folder, "<|fim_middle|>", "<|other|>"),
      sentence: /does not say how it fills in the middle/,
    },
    {
      what: "is to be a diffuser and has another tokenizer than the verifier",
      role: "diffuser",
      write: (folder) => writeOtherTokenizer(folder, "{", "{ "),
      sentence: /another tokenizer than the verifier/,
    },
    {
      what: "has more tokens than rows of the embedding",
      write: (folder) => writeOtherTokenizer(folder, '"id":7,"content":"<|file_sep|>"', '"id":700,"content":"<|file_sep|>"'),
      sentence: /the id 700, and an embedding of 288 rows/,
    },
    {
      what: "sees too few tokens at a time",
      write: (folder) => writeVariant(folder, { config: { max_position_embeddings: 1 } }),
      sentence: /sees no more than 1 tokens at a time, too few to fill in code/,
    },
    {
      what: "has a tokenizer that splits text by no pattern",
      write: (folder) => writeOtherTokenizer(folder, '"Regex":"', '"Regex":"('),
      sentence: /a tokenizer that cannot be read/,
    },
    {
      what: "has a tokenizer.json that is not JSON",
      write: (folder) => writeOtherTokenizer(folder, "{", ""),
      sentence: /no readable tokenizer\.json/,
    },
  ];
  for (const { what, role = "verifier", write, sentence } of refused) {
    it(`leaves a models folder as it was when the checkpoint ${what}`, async () => {
      await withFolder(async (folder) => {
        const [source, out] = [path.join(folder, "source"), path.join(folder, "models")];
        await importBoth(out);
        const contents = contentsOf(out);
        write(source);
        await assert.rejects(importCheckpoint(task(out, role, source)), unusableWith(sentence));
        assert.deepEqual(contentsOf(out), contents);
        assert.ok(!existsSync(path.join(out, `${role}.unfinished`)));
      });
    });
  }

  it("names a source that is not there, one that is no model, and a diffuser without a verifier", async () => {
    await withFolder(async (folder) => {
      const out = path.join(folder, "models");
      const text = path.join(folder, "a.txt");
      writeFileSync(text, "This is a text, and longer than the header of a file.");
      mkdirSync(path.join(folder, "empty"));
      for (const [source, sentence] of [
        [path.join(folder, "gone"), /does not exist/],
        [path.join(folder, "empty"), /holds no config\.json/],
        [text, /is no GGUF file: a\.txt/],
      ] as const) {
        await assert.rejects(importCheckpoint(task(out, "verifier", source)), unusableWith(sentence));
      }
      await assert.rejects(importCheckpoint(task(out, "diffuser")), unusableWith(/no verifier yet/));
      assert.ok(!existsSync(out));
    });
  });
});
