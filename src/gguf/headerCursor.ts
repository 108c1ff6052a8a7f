/** The header goes on after the bytes that were read: `bytes` are needed from its beginning. */
export class NeedsMore extends Error {
  override readonly name = "NeedsMore";
  readonly bytes: number;

  constructor(bytes: number) {
    super(`The header needs ${bytes} bytes.`);
    this.bytes = bytes;
  }
}

/** The header is not what the format says; the message completes "The file ...". */
export class BrokenHeader extends Error {
  override readonly name = "BrokenHeader";
}

/** Reads the little-endian values of a GGUF header one after the other. */
export class HeaderCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  /** Passes over `count` bytes and returns where they begin. @throws NeedsMore */
  skip(count: number): number {
    const begin = this.#position;
    if (!(begin + count <= this.#bytes.length)) throw new NeedsMore(begin + count);
    this.#position = begin + count;
    return begin;
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** @throws BrokenHeader for a number that no file can need */
  u64(): number {
    const value = this.#view.getBigUint64(this.skip(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BrokenHeader(`counts ${value}, which is absurd`);
    return Number(value);
  }

  /** The next `count` bytes; they belong to the header. */
  bytes(count: number): Uint8Array {
    const begin = this.skip(count);
    return this.#bytes.subarray(begin, begin + count);
  }

  /** What was read since `begin`. */
  since(begin: number): Uint8Array {
    return this.#bytes.subarray(begin, this.#position);
  }

  /** The bytes of a string of at most `limit` bytes; they belong to the header. @throws BrokenHeader for a longer one */
  stringBytes(limit: number): Uint8Array {
    const length = this.u64();
    if (length > limit) throw new BrokenHeader(`has a text of ${length} bytes in its header`);
    return this.bytes(length);
  }
}
