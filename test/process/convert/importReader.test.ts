import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { importCheckpoint } from "../../../src/convert/importCheckpoint.js";
import { importReader } from "../../../src/convert/importReader.js";
import { isReaderExport } from "../../../src/convert/reader/readerExport.js";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";
import { Safetensors } from "../../../src/convert/sources/huggingFace/safetensors.js";
import { openModelFiles } from "../../../src/engine/models/modelFiles.js";
import { filesOf, readerOf, verifierOf, type Manifest } from "../../../src/protocol/manifest.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";
import { float32Tensor, tinyCheckpoint, unusableWith, withFolder, writeSafetensors, type RawTensor } from "../../unit/convert/checkpointFolder.js";

const EXPORT = path.resolve("test/parity/fixtures/reader-tiny");

const readManifest = (out: string): Manifest => parseManifest(readFileSync(path.join(out, "manifest.json"), "utf8"));
const importVerifier = (out: string, weights: "int8" | "int4" = "int8") =>
  importCheckpoint({ source: tinyCheckpoint, out, role: "verifier", weights });
const importTiny = (out: string, source = EXPORT) => importReader({ source, out, weights: "auto" });

/** Paths and hashes of all files below `folder`. */
function contentsOf(folder: string): [string, string][] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return paths.map((file) => [path.relative(folder, file), createHash("sha256").update(readFileSync(file)).digest("hex")]);
}

/** Copies the export to `folder` with other settings and tensors. */
function writeExport(folder: string, settings: Record<string, unknown>, tensors: Record<string, RawTensor | undefined> = {}): void {
  cpSync(EXPORT, folder, { recursive: true });
  const json = JSON.parse(readFileSync(path.join(EXPORT, "reader.json"), "utf8")) as { verifier: object };
  const { verifier, ...others } = settings;
  writeFileSync(path.join(folder, "reader.json"), JSON.stringify({ ...json, ...others, verifier: { ...json.verifier, ...(verifier as object) } }));
  const merged = Object.entries({ ...exportedTensors(), ...tensors }).filter((entry): entry is [string, RawTensor] => entry[1] !== undefined);
  writeSafetensors(path.join(folder, "reader.safetensors"), Object.fromEntries(merged));
}

function exportedTensors(): Record<string, RawTensor> {
  const bytes = readFileSync(path.join(EXPORT, "reader.safetensors"));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()))) as Record<string, { shape: number[] }>;
  const opened = Safetensors.open(EXPORT, ["reader.safetensors"]);
  const tensors = Object.entries(header).flatMap(([name, { shape }]): [string, RawTensor][] => {
    if (name === "__metadata__") return [];
    const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape;
    const { type, read } = opened.tensor(name, rows, columns);
    return [[name, float32Tensor(shape, decodeTensor(type, read(0, rows)))]];
  });
  opened.close();
  return Object.fromEntries(tensors);
}

describe("import of a reader", () => {
  it("writes it beside its verifier, names that verifier's weights, and is told from a checkpoint by itself", async () => {
    assert.deepEqual([isReaderExport(EXPORT), isReaderExport(tinyCheckpoint)], [true, false]);
    await withFolder(async (out) => {
      await importVerifier(out);
      const { model, manifest } = await importTiny(out);
      assert.deepEqual([model.verifier, model.role, model.weights], [verifierOf(manifest).data.sha256, "reader", "int8"]);
      assert.deepEqual([model.hiddenSize, model.reads, model.maxSlots, model.headTokens], [64, [0, 1], 8, 240]);
      assert.deepEqual(readManifest(out), manifest);
      assert.deepEqual(
        filesOf(model).map((file) => file.path),
        ["verifier/reader.onnx", "verifier/reader.onnx.data", "verifier/reader-sequential.onnx", "verifier/reader-sequential.onnx.data"],
      );
      const described = manifest.models.flatMap(filesOf).map(({ path: file, sha256 }) => [file, sha256]);
      assert.deepEqual(described.sort(), contentsOf(out).filter(([file]) => file !== "manifest.json")); // prettier-ignore
      await openModelFiles(out);
    });
  });

  it("copies of the verifier the rows of the head alone", async () => {
    await withFolder(async (out) => {
      await importVerifier(out);
      const { model } = await importTiny(out);
      // In 8 bits the layers and maps take about a byte a weight, vectors and the sequential head four.
      assert.ok(model.data.bytes < 200_000, `${model.data.bytes} bytes`);
      assert.ok(!readFileSync(path.join(out, model.graph.path)).includes("lm_head"));
      assert.ok(readFileSync(path.join(out, model.graph.path)).includes("model.onnx.data"));
    });
  });

  it("takes matrices that are stored as codes with a scale a row for what they stand for", async () => {
    await withFolder(async (folder) => {
      const [coded, plain] = [path.join(folder, "coded"), path.join(folder, "plain")];
      const columns = 64;
      const codes = Int8Array.from({ length: columns * columns }, (_, at) => ((at * 37) % 127) - 63);
      const scales = Float32Array.from({ length: columns }, (_, row) => (row + 1) / 1024);
      const values = Float32Array.from(codes, (code, at) => code * scales[Math.floor(at / columns)]);
      const name = "input_map.weight";
      const tensor: RawTensor = { dtype: "I8", shape: [columns, columns], bytes: new Uint8Array(codes.buffer) };
      writeExport(coded, {}, { [name]: tensor, [`${name}.scales`]: float32Tensor([columns], scales) });
      writeExport(plain, {}, { [name]: float32Tensor([columns, columns], values) });
      const made: Buffer[] = [];
      for (const source of [coded, plain]) {
        const out = path.join(folder, `${path.basename(source)}-models`);
        await importVerifier(out);
        const { model } = await importTiny(out, source);
        made.push(readFileSync(path.join(out, model.data.path)));
      }
      assert.ok(made[0].equals(made[1]));
    });
  });

  it("replaces an earlier reader and goes with its verifier, the diffuser with it", async () => {
    await withFolder(async (out) => {
      await importVerifier(out);
      await importCheckpoint({ source: tinyCheckpoint, out, role: "diffuser", weights: "int8" });
      await importTiny(out);
      assert.deepEqual(readManifest(out).models.map(({ role }) => role), ["verifier", "reader"]); // prettier-ignore
      assert.ok(!existsSync(path.join(out, "diffuser")));
      const again = await importReader({ source: EXPORT, out, weights: "fp32", name: "again" });
      assert.deepEqual([readerOf(readManifest(out))?.name, again.model.weights], ["again", "fp32"]);
      await openModelFiles(out);
      assert.deepEqual(readdirSync(out).sort(), ["manifest.json", "verifier"]);
      await importCheckpoint({ source: tinyCheckpoint, out, role: "diffuser", weights: "int8" });
      assert.deepEqual(readdirSync(path.join(out, "verifier")).sort(), ["model.onnx", "model.onnx.data", "tokenizer.json"]);
      await importTiny(out);
      const { manifest } = await importVerifier(out);
      assert.deepEqual(manifest.models.map(({ role }) => role), ["verifier"]); // prettier-ignore
      assert.ok(!existsSync(path.join(out, "verifier/reader.onnx")));
    });
  });

  it("ends when it is interrupted, and leaves the folder as it was", async () => {
    await withFolder(async (out) => {
      await importVerifier(out);
      const contents = contentsOf(out);
      const controller = new AbortController();
      const onProgress = (share: number): void => {
        if (share > 0.5) controller.abort(new Error("enough"));
      };
      await assert.rejects(importReader({ source: EXPORT, out, weights: "auto" }, { onProgress, signal: controller.signal }), /enough/);
      assert.deepEqual(contentsOf(out), contents);
    });
  });

  const notANumber = float32Tensor([1, 64], new Float32Array(64).fill(NaN));
  const zeros = (...shape: number[]): RawTensor => float32Tensor(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)));
  const codesOf = (...shape: number[]): RawTensor => ({
    dtype: "I8",
    shape,
    bytes: new Uint8Array(shape.reduce((product, size) => product * size, 1)),
  });
  const refused: { what: string; settings?: Record<string, unknown>; tensors?: Record<string, RawTensor | undefined>; sentence: RegExp }[] = [
    { what: "is of an unknown format", settings: { format: 1 }, sentence: /reader of the format 1, not 2/ },
    { what: "was trained for other weights", settings: { verifier: { sha256: "0".repeat(64) } }, sentence: /than tiny.* 000000000000\.\.\., not / },
    { what: "names no verifier", settings: { verifier: { sha256: "tiny" } }, sentence: /no verifier\.sha256/ },
    { what: "has other sizes than its verifier", settings: { verifier: { layers: 3 } }, sentence: /other sizes than its verifier tiny/ },
    { what: "reads a layer that is not there", settings: { reads: [0, 2] }, sentence: /no list reads .* below 2/ },
    { what: "reads a layer twice", settings: { reads: [1, 1] }, sentence: /no list reads .* each once/ },
    { what: "has a head of tokens that are not there", settings: { headTokens: [288] }, sentence: /no list headTokens .* below 288/ },
    { what: "knows other roles", settings: { roles: ["draft"] }, sentence: /the roles \["draft"\]/ },
    { what: "lacks a tensor", tensors: { "layers.1.mlp.up_proj.weight": undefined }, sentence: /no tensor layers\.1\.mlp\.up_proj\.weight/ },
    { what: "has a tensor of another shape", tensors: { slots: zeros(8, 64) }, sentence: /slots of shape \[8, 64\] instead of \[9, 64\]/ },
    { what: "has a tensor too many", tensors: { "lm_head.weight": zeros(2, 2) }, sentence: /lm_head\.weight, which a reader has no place for/ },
    { what: "has codes without scales", tensors: { roles: codesOf(2, 64) }, sentence: /no tensor roles\.scales/ },
    { what: "has scales without codes", tensors: { "slots.scales": zeros(9) }, sentence: /slots\.scales, which a reader has no place for/ },
    { what: "has a value that is no number", tensors: { mask: notANumber }, sentence: /mask that are not/ },
  ]; // prettier-ignore
  for (const { what, settings = {}, tensors = {}, sentence } of refused) {
    it(`leaves a models folder as it was when the export ${what}`, async () => {
      await withFolder(async (folder) => {
        const [source, out] = [path.join(folder, "source"), path.join(folder, "models")];
        await importVerifier(out);
        const contents = contentsOf(out);
        writeExport(source, settings, tensors);
        await assert.rejects(importTiny(out, source), unusableWith(sentence));
        assert.deepEqual(contentsOf(out), contents);
      });
    });
  }

  it("wants a verifier that is there, and one that says what it was imported from", async () => {
    await withFolder(async (folder) => {
      const out = path.join(folder, "models");
      await assert.rejects(importTiny(out), unusableWith(/no verifier in /));
      assert.ok(!existsSync(out));
      await importVerifier(out);
      const file = path.join(out, "manifest.json");
      writeFileSync(file, readFileSync(file, "utf8").replace(/ *"sourceSha256": .*\n/, ""));
      await assert.rejects(importTiny(out), unusableWith(/imported before there were readers/));
    });
  });

  it("is refused at load when its verifier was replaced", async () => {
    await withFolder(async (folder) => {
      const [one, other] = [path.join(folder, "one"), path.join(folder, "other")];
      await importVerifier(one);
      const reader = (await importTiny(one)).model;
      const { model: verifier } = await importVerifier(other, "int4");
      for (const file of filesOf(reader)) cpSync(path.join(one, file.path), path.join(other, file.path));
      writeFileSync(path.join(other, "manifest.json"), JSON.stringify({ formatVersion: 2, models: [verifier, reader] }));
      const isRefused = (error: unknown): boolean =>
        (error as { code?: string }).code === "manifestInvalid" && /trained for another verifier than tiny/.test((error as Error).message);
      await assert.rejects(openModelFiles(other), isRefused);
    });
  });

  it("is refused at load when its entry says more weights than there are", async () => {
    await withFolder(async (out) => {
      const { model: verifier } = await importVerifier(out);
      const reader = (await importTiny(out)).model;
      for (const larger of [{ headTokens: 100_000 }, { rank: 5000 }]) {
        writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ formatVersion: 2, models: [verifier, { ...reader, ...larger }] }));
        const isRefused = (error: unknown): boolean =>
          (error as { code?: string }).code === "manifestInvalid" && /has fewer weights than its entry/.test((error as Error).message);
        await assert.rejects(openModelFiles(out), isRefused);
      }
    });
  });
});
