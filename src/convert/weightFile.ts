import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import type { Element, OnnxInitializer } from "./onnxModel.js";

/** Weights start at multiples of this, so that they can be mapped into memory. */
const ALIGNMENT = 4096;

/** The external data file of a graph: takes weights one after the other and says where each one went. */
export class WeightFile {
  readonly initializers: OnnxInitializer[] = [];
  readonly #handle: number;
  readonly #location: string;
  #offset = 0;

  /** Creates or empties `filePath`. */
  constructor(filePath: string) {
    this.#handle = openSync(filePath, "w");
    this.#location = path.basename(filePath);
  }

  /** Writes `data` of shape `dims`; returns `name`. */
  add(name: string, element: Element, dims: readonly number[], data: Float32Array | Uint8Array): string {
    this.#offset = Math.ceil(this.#offset / ALIGNMENT) * ALIGNMENT;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#handle, bytes, done, bytes.length - done, this.#offset + done);
    this.initializers.push({ name, element, dims, data: { location: this.#location, offset: this.#offset, bytes: bytes.length } });
    this.#offset += bytes.length;
    return name;
  }

  close(): void {
    closeSync(this.#handle);
  }
}
