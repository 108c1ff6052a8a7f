import { unusable } from "../unusable.js";
import type { StoredTensor } from "../sources/checkpoint.js";
import type { TensorType } from "../../gguf/tensorKind.js";
import { decodeTensor } from "../sources/decodeTensor.js";
import type { BlockCodes } from "./blockCodes.js";
import { blockSizeFor, quantize } from "./quantize.js";
import { roundRows, transposeInto } from "./roundRows.js";
import { copyQ8_0, extensionColumns, hasWholeZeroPoints, transcode, type FourBitType } from "./transcode.js";
import type { WeightFile } from "./weightFile.js";

/**
 * How weights are stored.
 *
 * - `fp32` as they are; `int8`, `int4` rounded anew, in blocks
 * - `mixed` the same, with 4 bits for the gate and up projections, which bear it, and 8 for everything else
 * - `stored` in the bits of the file: 4-bit codes kept, everything else in 8 bits
 * - `rows` in 8 bits with one scale a row, and inputs rounded row by row: the fastest where many tokens are read at once
 */
export type WeightPlan = (typeof WEIGHT_PLANS)[number];

export const WEIGHT_PLANS = ["stored", "int8", "int4", "mixed", "rows", "fp32"] as const;

/** Weights that are read and written at once; between two portions an import can be interrupted. */
const PORTION = 1 << 22;

/** A matrix in blocks, and the names of its parts in the graph. */
export interface StoredBlocks {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly rows: number;
  /** Those of the extension included. */
  readonly columns: number;
  readonly isExtended: boolean;
  /** Names of codes and scales, and of zero points where there are any. */
  readonly names: readonly string[];
}

export interface StoredRows {
  readonly rows: number;
  readonly codes: string;
  readonly scales: string;
}

/** Called between two portions with the weights that are done since the last call; throws to end the import. */
export type Pause = (weights: number) => Promise<void>;

/** Writes matrices into the data file of a graph, portion by portion, so that memory does not grow with the model. */
export class MatrixStore {
  readonly file: WeightFile;
  readonly #pause: Pause;
  readonly #mostBlock: number;

  /** @param mostBlock largest block of weights that are rounded */
  constructor(file: WeightFile, pause: Pause, mostBlock = 128) {
    this.file = file;
    this.#pause = pause;
    this.#mostBlock = mostBlock;
  }

  /** Whether the parts, one below the other, can be stored as one matrix. */
  canJoin(parts: readonly StoredTensor[], plan: WeightPlan): boolean {
    return plan !== "stored" || new Set(parts.map(kindOf)).size === 1;
  }

  /** A vector, or several behind each other, as 32-bit floats. */
  async floats(name: string, parts: readonly StoredTensor[], dims: readonly number[]): Promise<string> {
    this.file.begin(name, "float32", dims);
    await this.#each(parts, (data) => this.file.append(data));
    return name;
  }

  /** @param parts matrices of the same columns, one below the other */
  async blocks(name: string, parts: readonly StoredTensor[], bits: 4 | 8 | "stored", mostBlock = this.#mostBlock): Promise<StoredBlocks> {
    const [{ columns, type }] = parts;
    const rows = rowsOf(parts);
    const fourBits = bits === "stored" && isFourBit(type) ? type : undefined;
    const isExtended = fourBits !== undefined && !hasWholeZeroPoints(fourBits);
    const allColumns = columns + (isExtended ? extensionColumns(columns) : 0);
    const storedBits = fourBits !== undefined ? 4 : bits === "stored" ? 8 : bits;
    const isCopied = storedBits === 8 && parts.every((part) => part.type === "Q8_0");
    const blockSize = fourBits !== undefined || isCopied ? 32 : blockSizeFor(columns, bits === "stored" ? 32 : mostBlock);
    const rowBlocks = allColumns / blockSize;
    const encode = (bytes: Uint8Array, part: StoredTensor, count: number): BlockCodes => {
      if (fourBits !== undefined) return transcode(fourBits, bytes, count, columns);
      if (isCopied) return copyQ8_0(bytes);
      return quantize(finite(decodeTensor(part.type, bytes), part), storedBits, blockSize);
    };
    const names = [this.file.begin(`${name}.codes`, "uint8", [rows, rowBlocks, (blockSize * storedBits) / 8])];
    const scales = new Float32Array(rows * rowBlocks);
    const zeroPoints = isExtended ? new Uint8Array(rows * Math.ceil(rowBlocks / 2)) : undefined;
    let row = 0;
    await this.#eachBytes(parts, (bytes, part, count) => {
      const codes = encode(bytes, part, count);
      this.file.append(codes.packed);
      finite(codes.scales, part);
      scales.set(codes.scales, row * rowBlocks);
      if (codes.zeroPoints !== undefined) zeroPoints?.set(codes.zeroPoints, row * Math.ceil(rowBlocks / 2));
      row += count;
    });
    names.push(this.file.add(`${name}.scales`, "float32", [rows, rowBlocks], scales));
    if (zeroPoints !== undefined) names.push(this.file.add(`${name}.zeros`, "uint8", [rows, Math.ceil(rowBlocks / 2)], zeroPoints));
    return { bits: storedBits, blockSize, rows, columns: allColumns, isExtended, names };
  }

  /** Codes [columns, rows], turned as MatMulIntegerToFloat wants them, and one scale a row. */
  async rows(name: string, parts: readonly StoredTensor[]): Promise<StoredRows> {
    const [{ columns }] = parts;
    const rows = rowsOf(parts);
    const codes = new Int8Array(rows * columns);
    const scales = new Float32Array(rows);
    let row = 0;
    await this.#each(parts, (data, count) => {
      const portion = roundRows(data, count, columns);
      transposeInto(portion.codes, count, columns, codes, rows, row);
      scales.set(portion.scales, row);
      row += count;
    });
    return {
      rows,
      codes: this.file.add(`${name}.codes`, "int8", [columns, rows], codes),
      scales: this.file.add(`${name}.scales`, "float32", [rows], scales),
    };
  }

  async #each(parts: readonly StoredTensor[], take: (data: Float32Array, rows: number) => void): Promise<void> {
    await this.#eachBytes(parts, (bytes, part, count) => take(finite(decodeTensor(part.type, bytes), part), count));
  }

  async #eachBytes(parts: readonly StoredTensor[], take: (bytes: Uint8Array, part: StoredTensor, rows: number) => void): Promise<void> {
    for (const part of parts) {
      const portion = Math.max(1, Math.floor(PORTION / part.columns));
      for (let row = 0; row < part.rows; row += portion) {
        const count = Math.min(portion, part.rows - row);
        take(part.read(row, count), part, count);
        await this.#pause(count * part.columns);
      }
    }
  }
}

const FOUR_BIT_TYPES: readonly FourBitType[] = ["Q4_0", "Q4_1", "Q4_K"];

function isFourBit(type: TensorType): type is FourBitType {
  return FOUR_BIT_TYPES.some((name) => name === type);
}

/** Parts of one kind are stored in one way. */
function kindOf({ type }: StoredTensor): string {
  return isFourBit(type) || type === "Q8_0" ? type : "8 bits";
}

function rowsOf(parts: readonly StoredTensor[]): number {
  return parts.reduce((sum, part) => sum + part.rows, 0);
}

/** `values`, all of them numbers. @throws LacunaError `checkpointUnusable` */
function finite(values: Float32Array, { name }: StoredTensor): Float32Array {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] * 0;
  if (sum !== 0) throw unusable(`has values in ${name} that are not finite`);
  return values;
}
