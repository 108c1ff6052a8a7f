import assert from "node:assert/strict";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { animatedPng } from "../../../bench/library/animatedPng.js";

/** A picture of one row of gray pixels. */
function png(...pixels: number[]): Buffer {
  const header = Buffer.from([0, 0, 0, pixels.length, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const parts = [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])];
  for (const [type, data] of [["IHDR", header], ["IDAT", deflateSync(Buffer.from([0, ...pixels]))], ["IEND", Buffer.alloc(0)]] as const) {
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(data, crc32(Buffer.from(type))));
    parts.push(length, Buffer.from(type), data, sum);
  }
  return Buffer.concat(parts);
} // prettier-ignore

/** Types and data of all chunks, their sums checked. */
function chunks(bytes: Buffer): [string, Buffer][] {
  const found: [string, Buffer][] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const named = bytes.subarray(at + 4, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(named));
    found.push([named.toString("latin1", 0, 4), named.subarray(4)]);
    at += 12 + length;
  }
  return found;
}

describe("animatedPng", () => {
  it("puts frames one after the other, each with its time and its pixels", () => {
    const made = chunks(animatedPng([{ png: png(1, 2), ms: 40 }, { png: png(3, 4), ms: 100_000 }])); // prettier-ignore
    assert.deepEqual(made.map(([type]) => type), ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "IEND"]); // prettier-ignore
    assert.equal(made[1][1].readUInt32BE(0), 2);
    assert.deepEqual([made[2][1].readUInt32BE(0), made[4][1].readUInt32BE(0), made[5][1].readUInt32BE(0)], [0, 1, 2]);
    assert.deepEqual([made[2][1].readUInt16BE(20), made[4][1].readUInt16BE(20)], [40, 65_535]);
    assert.deepEqual([...inflateSync(made[3][1])], [0, 1, 2]);
    assert.deepEqual([...inflateSync(made[5][1].subarray(4))], [0, 3, 4]);
  });

  it("refuses frames of different sizes", () => {
    assert.throws(() => animatedPng([{ png: png(1), ms: 1 }, { png: png(1, 2), ms: 1 }]), /differ/); // prettier-ignore
  });
});
