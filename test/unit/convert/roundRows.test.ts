import assert from "node:assert/strict";
import { roundRows, transposeInto } from "../../../src/convert/weights/roundRows.js";

const weights = (rows: number, columns: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index * 1.3) * (1 + (index % 7)));

describe("rows in 8 bits", () => {
  it("keep every weight within half a step of the row's peak, and no code beyond 63", () => {
    const data = weights(5, 96);
    const { codes, scales } = roundRows(data, 5, 96);
    data.forEach((value, index) => {
      const scale = scales[Math.floor(index / 96)];
      assert.ok(Math.abs(codes[index] * scale - value) <= scale * 0.5001, `${value} became ${codes[index] * scale}`);
    });
    assert.equal(
      codes.reduce((most, code) => Math.max(most, Math.abs(code)), 0),
      63,
    );
  });

  it("leave a row of zeros zeros", () => {
    const { codes, scales } = roundRows(new Float32Array(64), 2, 32);
    assert.deepEqual([codes.some((code) => code !== 0), [...scales]], [false, [0, 0]]);
  });

  it("are turned portion by portion into columns", () => {
    const [rows, columns] = [70, 5];
    const codes = Int8Array.from({ length: rows * columns }, (_, index) => index % 100);
    const target = new Int8Array(rows * columns);
    for (const [from, to] of [
      [0, 41],
      [41, 70],
    ])
      transposeInto(codes.subarray(from * columns, to * columns), to - from, columns, target, rows, from);
    codes.forEach((code, index) => assert.equal(target[(index % columns) * rows + Math.floor(index / columns)], code));
  });
});
