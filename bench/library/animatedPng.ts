import { crc32 } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Delays are given in thousandths of a second, in 16 bits. */
const MOST_MS = 65_535;

/** A picture, as the bytes of a PNG, and how long it stands. */
export interface Frame {
  readonly png: Buffer;
  readonly ms: number;
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/**
 * Pictures one after the other, for ever, as one PNG: their compressed data is taken over as it is.
 *
 * Source: https://www.w3.org/TR/png-3/, acTL, fcTL and fdAT.
 *
 * @param frames at least one, all of one size and one kind of pixels @throws Error where they are not
 */
export function animatedPng(frames: readonly Frame[]): Buffer {
  const [first, ...others] = frames.map(({ png }) => chunksOf(png));
  const header = dataOf(first, "IHDR");
  if (others.some((chunks) => !dataOf(chunks, "IHDR").equals(header))) throw new Error("Frames differ in size or kind.");
  let sequence = 0;
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("acTL", numbers(frames.length, 0))];
  for (const [index, chunks] of [first, ...others].entries()) {
    const control = Buffer.alloc(26);
    control.writeUInt32BE(sequence++, 0);
    header.copy(control, 4, 0, 8);
    control.writeUInt16BE(Math.min(MOST_MS, Math.round(frames[index].ms)), 20);
    control.writeUInt16BE(1000, 22);
    parts.push(chunk("fcTL", control));
    for (const { data } of chunks.filter(({ type }) => type === "IDAT")) {
      parts.push(index === 0 ? chunk("IDAT", data) : chunk("fdAT", Buffer.concat([numbers(sequence++), data])));
    }
  }
  return Buffer.concat([...parts, chunk("IEND", Buffer.alloc(0))]);
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function dataOf(chunks: readonly Chunk[], type: string): Buffer {
  const found = chunks.find((each) => each.type === type);
  if (found === undefined) throw new Error(`A frame has no ${type}.`);
  return found.data;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([numbers(data.length), named, numbers(crc32(named))]);
}

/** Whole numbers in 32 bits each. */
function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}
