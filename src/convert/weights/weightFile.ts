import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { assert } from "../../base/assert.js";
import { ELEMENT_BYTES, type Element, type OnnxInitializer } from "../../onnx/onnxModel.js";

/** Weights start at multiples of this, so that they can be mapped into memory. */
const ALIGNMENT = 4096;

/** The external data file of a graph: takes weights one after the other and says where each one went. */
export class WeightFile {
  readonly initializers: OnnxInitializer[] = [];
  readonly #handle: number;
  readonly #location: string;
  readonly #hash = createHash("sha256");
  #offset = 0;
  /** Bytes of the weight that is being written that are still to come. */
  #missing = 0;

  /** Creates or empties `filePath`. */
  constructor(filePath: string) {
    this.#handle = openSync(filePath, "w");
    this.#location = path.basename(filePath);
  }

  get bytes(): number {
    return this.#offset;
  }

  /** Writes `data` of shape `dims`; returns `name`. */
  add(name: string, element: Element, dims: readonly number[], data: Float32Array | Int32Array | Uint8Array | Int8Array): string {
    this.begin(name, element, dims);
    this.append(data);
    return name;
  }

  /** Begins a weight whose bytes follow by `append`, piece by piece; returns `name`. */
  begin(name: string, element: Element, dims: readonly number[]): string {
    assert(this.#missing === 0, "the weight before is complete");
    const bytes = dims.reduce((product, size) => product * size, ELEMENT_BYTES[element]);
    this.#write(new Uint8Array(-this.#offset & (ALIGNMENT - 1)));
    this.initializers.push({ name, element, dims, data: { location: this.#location, offset: this.#offset, bytes } });
    this.#missing = bytes;
    return name;
  }

  append(data: Float32Array | Int32Array | Uint8Array | Int8Array): void {
    assert(data.byteLength <= this.#missing, "a weight is no larger than it was announced");
    this.#missing -= data.byteLength;
    this.#write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** Closes the file; returns its hash. */
  close(): { readonly sha256: string; readonly bytes: number } {
    closeSync(this.#handle);
    return { sha256: this.#hash.digest("hex"), bytes: this.#offset };
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#handle, bytes, done, bytes.length - done, this.#offset + done);
    this.#hash.update(bytes);
    this.#offset += bytes.length;
  }
}
