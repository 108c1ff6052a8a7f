import type { StoredTensor } from "./checkpoint.js";
import { decodeTensor } from "./decodeTensor.js";

/** A matrix [rows, columns] in memory as a tensor of a checkpoint. */
export function heldTensor(name: string, columns: number, data: Float32Array): StoredTensor {
  const read = (from: number, count: number): Uint8Array => new Uint8Array(data.slice(from * columns, (from + count) * columns).buffer);
  return { name, type: "F32", rows: data.length / columns, columns, read };
}

/** All values of a small tensor. */
export function valuesOf({ type, rows, read }: StoredTensor): Float32Array {
  return decodeTensor(type, read(0, rows));
}
