import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { LacunaError } from "../protocol/errors.js";

const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A tensor as 32-bit floats, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The tensors of a checkpoint, read one at a time. */
export class Safetensors {
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries;
  }

  /**
   * Opens model.safetensors of a folder, or the shards that model.safetensors.index.json names.
   *
   * @throws LacunaError `checkpointUnusable`
   */
  static open(folder: string): Safetensors {
    const entries = new Map<string, Entry>();
    for (const file of shardsOf(folder)) {
      for (const [name, entry] of readHeader(path.join(folder, file))) entries.set(name, entry);
    }
    return new Safetensors(entries);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** @param shape what the tensor must have; @throws LacunaError `checkpointUnusable` */
  read(name: string, shape: readonly number[]): FloatTensor {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw unusable(`has no tensor ${name}`);
    if (entry.shape.join() !== shape.join()) throw unusable(`has ${name} of shape [${entry.shape.join(", ")}] instead of [${shape.join(", ")}]`);
    return { shape, data: toFloat32(entry.dtype, readBytes(entry.file, entry.begin, entry.end - entry.begin), name) };
  }
}

function shardsOf(folder: string): string[] {
  const index = path.join(folder, "model.safetensors.index.json");
  if (existsSync(path.join(folder, "model.safetensors"))) return ["model.safetensors"];
  if (!existsSync(index)) throw unusable("has no model.safetensors");
  const map = (JSON.parse(readFileSync(index, "utf8")) as { weight_map: Record<string, string> }).weight_map;
  return [...new Set(Object.values(map))];
}

function readHeader(file: string): [string, Entry][] {
  const size = statSync(file).size;
  const headerBytes = size >= 8 ? Number(new DataView(readBytes(file, 0, 8).buffer).getBigUint64(0, true)) : Infinity;
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > size) throw unusable(`has a file that is no safetensors file: ${path.basename(file)}`);
  const header = parseHeader(file, readBytes(file, 8, headerBytes));
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
      const entry = { file, dtype, shape, begin: 8 + headerBytes + from, end: 8 + headerBytes + to };
      if (entry.end > size) throw unusable(`is cut short: ${path.basename(file)} ends inside ${name}`);
      return [name, entry];
    });
}

function parseHeader(file: string, bytes: Uint8Array): Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as ReturnType<typeof parseHeader>;
  } catch (cause) {
    throw unusable(`has a file with a broken header: ${path.basename(file)}`, cause);
  }
}

function readBytes(file: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const handle = openSync(file, "r");
  try {
    for (let done = 0; done < length; ) {
      const read = readSync(handle, bytes, done, Math.min(length - done, 1 << 30), offset + done);
      if (read === 0) throw unusable(`is cut short: ${path.basename(file)}`);
      done += read;
    }
  } finally {
    closeSync(handle);
  }
  return bytes;
}

function toFloat32(dtype: string, bytes: Uint8Array<ArrayBuffer>, name: string): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  if (dtype === "BF16") {
    const wide = new Uint32Array(halves.length);
    for (let index = 0; index < halves.length; index += 1) wide[index] = halves[index] << 16;
    return new Float32Array(wide.buffer);
  }
  if (dtype === "F16") return Float32Array.from(halves, fromHalf);
  throw unusable(`stores ${name} as ${dtype}, which is not supported`);
}

/** IEEE 754 binary16 to number. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The error of every checkpoint that cannot be converted. */
export function unusable(what: string, cause?: unknown): LacunaError {
  return new LacunaError("checkpointUnusable", `The checkpoint ${what}.`, "Use a Hugging Face folder of the Qwen2 family, complete and unchanged.", cause);
}
