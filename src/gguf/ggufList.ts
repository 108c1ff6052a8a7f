export type NumberArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A kind of number: its size, and how many of them are read. */
interface NumberKind {
  readonly bytes: number;
  readonly list: new (count: number) => NumberArray;
  readonly read: (view: DataView, at: number) => number;
}

/** The kinds of numbers by their number in the format; 7 is a truth value. Those of 64 bits lose what is above 2^53. */
export const NUMBER_KINDS: ReadonlyMap<number, NumberKind> = new Map<number, NumberKind>([
  [0, { bytes: 1, list: Uint8Array, read: (view, at) => view.getUint8(at) }],
  [1, { bytes: 1, list: Int8Array, read: (view, at) => view.getInt8(at) }],
  [2, { bytes: 2, list: Uint16Array, read: (view, at) => view.getUint16(at, true) }],
  [3, { bytes: 2, list: Int16Array, read: (view, at) => view.getInt16(at, true) }],
  [4, { bytes: 4, list: Uint32Array, read: (view, at) => view.getUint32(at, true) }],
  [5, { bytes: 4, list: Int32Array, read: (view, at) => view.getInt32(at, true) }],
  [6, { bytes: 4, list: Float32Array, read: (view, at) => view.getFloat32(at, true) }],
  [7, { bytes: 1, list: Uint8Array, read: (view, at) => view.getUint8(at) }],
  [10, { bytes: 8, list: Float64Array, read: (view, at) => Number(view.getBigUint64(at, true)) }],
  [11, { bytes: 8, list: Float64Array, read: (view, at) => Number(view.getBigInt64(at, true)) }],
  [12, { bytes: 8, list: Float64Array, read: (view, at) => view.getFloat64(at, true) }],
]);

export const STRING_KIND = 8;
const DECODER = new TextDecoder();

/** A list of a header that was found sound and is not decoded yet: most who read a header want none of its hundred thousand texts. */
export class GgufList {
  readonly #kind: number;
  readonly #bytes: Uint8Array;
  readonly length: number;

  /** @param bytes all of its elements, texts with their lengths before them; they belong to the header */
  constructor(kind: number, length: number, bytes: Uint8Array) {
    this.#kind = kind;
    this.#bytes = bytes;
    this.length = length;
  }

  /** The bytes of its texts one after the other; none of another list. They belong to the header. */
  *textBytes(): Generator<Uint8Array, void> {
    if (this.#kind !== STRING_KIND) return;
    const view = this.#view();
    for (let at = 0; at < this.#bytes.length;) {
      const end = at + 8 + Number(view.getBigUint64(at, true));
      yield this.#bytes.subarray(at + 8, end);
      at = end;
    }
  }

  /** Its texts or its numbers; undefined for a list of lists. */
  decoded(): readonly string[] | NumberArray | undefined {
    if (this.#kind === STRING_KIND) return Array.from(this.textBytes(), (bytes) => DECODER.decode(bytes));
    const kind = NUMBER_KINDS.get(this.#kind);
    if (kind === undefined) return undefined;
    const view = this.#view();
    const numbers = new kind.list(this.length);
    for (let index = 0; index < this.length; index++) numbers[index] = kind.read(view, index * kind.bytes);
    return numbers;
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }
}
