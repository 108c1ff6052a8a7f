import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Safetensors } from "../../../src/convert/sources/huggingFace/safetensors.js";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";

/** A checkpoint with random weights and all logits that it must give, written by training/scripts/write_parity_fixture.py. */
export const tinyCheckpoint = path.resolve("test/parity/fixtures/tiny");

/** Runs `use` with a folder that is gone afterwards. */
export async function withFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-convert-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A tensor as its bytes, which are little-endian. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export function float32Tensor(shape: readonly number[], values: ArrayLike<number>): RawTensor {
  return { dtype: "F32", shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** Writes a safetensors file; `header` may damage what it says. */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, RawTensor>>,
  header: (entries: Record<string, unknown>) => unknown = (entries) => entries,
): void {
  const entries: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    entries[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]));
}

/** All tensors of the tiny checkpoint. */
export function tinyTensors(): Record<string, RawTensor> {
  const bytes = readFileSync(path.join(tinyCheckpoint, "model.safetensors"));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()))) as Record<string, { shape: number[] }>;
  const tensors = Safetensors.open(tinyCheckpoint);
  const named = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const read = named.map(([name, { shape }]): [string, RawTensor] => {
    const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape;
    const { type, read: readRows } = tensors.tensor(name, rows, columns);
    return [name, float32Tensor(shape, decodeTensor(type, readRows(0, rows)))];
  });
  tensors.close();
  return Object.fromEntries(read);
}

/** Copies the tiny checkpoint to `folder` with other settings and tensors. */
export function writeVariant(
  folder: string,
  { config = {}, tensors = {} }: { config?: Record<string, unknown>; tensors?: Record<string, RawTensor | undefined> },
): void {
  cpSync(tinyCheckpoint, folder, { recursive: true });
  const settings = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as Record<string, unknown>;
  writeFileSync(path.join(folder, "config.json"), JSON.stringify({ ...settings, ...config }));
  const merged = Object.entries({ ...tinyTensors(), ...tensors }).filter((entry): entry is [string, RawTensor] => entry[1] !== undefined);
  writeSafetensors(path.join(folder, "model.safetensors"), Object.fromEntries(merged));
}

/** Matches a `checkpointUnusable` whose sentence fits `sentence`. */
export function unusableWith(sentence: RegExp): (error: unknown) => boolean {
  return (error) => (error as { code?: string }).code === "checkpointUnusable" && sentence.test((error as Error).message);
}
