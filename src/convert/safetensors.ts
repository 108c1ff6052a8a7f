import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { bytesPerElement, decodeFloats } from "./floatDecoding.js";
import { fileSize, readBytes } from "./readBytes.js";
import { unusable } from "./unusable.js";

/** Longest header that the format allows. */
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor's place: bytes [begin, end) of `file`. */
interface Entry {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The tensors of a checkpoint, read one at a time. Source: https://github.com/huggingface/safetensors, "Format". */
export class Safetensors {
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries;
  }

  /**
   * Reads the headers of model.safetensors in `folder`, or of the shards that model.safetensors.index.json names.
   *
   * @throws LacunaError `checkpointUnusable`
   */
  static open(folder: string): Safetensors {
    const files = shardsOf(folder).map((shard) => path.join(folder, shard));
    return new Safetensors(new Map(files.flatMap(readHeader)));
  }

  /**
   * Reads one tensor as 32-bit floats, row-major; the caller owns them.
   *
   * @param shape what the tensor must have
   * @throws LacunaError `checkpointUnusable` when it is absent, of another shape or type, or not finite
   */
  read(name: string, shape: readonly number[]): Float32Array {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw unusable(`has no tensor ${name}`);
    const { file, dtype, begin, end } = entry;
    if (entry.shape.join() !== shape.join()) throw unusable(`has ${name} of shape [${entry.shape.join(", ")}] instead of [${shape.join(", ")}]`);
    const elementBytes = bytesPerElement(dtype);
    if (elementBytes === undefined) throw unusable(`stores ${name} as ${dtype}, not as F32, F16 or BF16`);
    const expected = shape.reduce((product, size) => product * size, elementBytes);
    if (end - begin !== expected) throw unusable(`gives ${end - begin} bytes to ${name} instead of ${expected}`);
    const data = decodeFloats(dtype, readBytes(file, begin, end - begin));
    if (!data.every(Number.isFinite)) throw unusable(`has values in ${name} that are not finite`);
    return data;
  }
}

function shardsOf(folder: string): string[] {
  const index = path.join(folder, "model.safetensors.index.json");
  if (existsSync(path.join(folder, "model.safetensors"))) return ["model.safetensors"];
  if (!existsSync(index)) throw unusable("has no model.safetensors");
  try {
    const { weight_map } = JSON.parse(readFileSync(index, "utf8")) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(weight_map))];
  } catch (cause) {
    throw unusable("has a broken model.safetensors.index.json", cause);
  }
}

function readHeader(file: string): [string, Entry][] {
  const name = path.basename(file);
  const size = fileSize(file);
  const headerBytes = size >= 8 ? Number(new DataView(readBytes(file, 0, 8).buffer).getBigUint64(0, true)) : Infinity;
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > size) throw unusable(`has a file that is no safetensors file, or is cut short: ${name}`);
  const dataStart = 8 + headerBytes;
  try {
    const header = JSON.parse(new TextDecoder().decode(readBytes(file, 8, headerBytes))) as Record<string, HeaderEntry>;
    delete header["__metadata__"];
    return Object.entries(header).map(
      ([
        tensor,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        if (!Number.isInteger(from) || !Number.isInteger(to) || !(0 <= from && from <= to)) throw new RangeError(`offsets of ${tensor}`);
        if (dataStart + to > size) throw unusable(`is cut short: ${name} ends before or inside ${tensor}`);
        return [tensor, { file, dtype, shape: shape.map(Number), begin: dataStart + from, end: dataStart + to }];
      },
    );
  } catch (cause) {
    throw cause instanceof SyntaxError || cause instanceof TypeError || cause instanceof RangeError
      ? unusable(`has a file with a broken header: ${name}`, cause)
      : cause;
  }
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}
