import assert from "node:assert/strict";
import { MarkedVerifier } from "../../../src/decode/markedVerifier.js";
import type { Verifier } from "../../../src/decode/verifier.js";

const MARKER = 9;

function recording(): { inner: Verifier; seen: { sequence: readonly number[]; rows: number }[] } {
  const seen: { sequence: readonly number[]; rows: number }[] = [];
  const next = (sequence: readonly number[], rows: number): Promise<Float32Array> => {
    seen.push({ sequence, rows });
    return Promise.resolve(new Float32Array(rows));
  };
  return { inner: { vocabSize: 1, next }, seen };
}

describe("MarkedVerifier", () => {
  it("puts the marker between context and what is written, and nowhere else", async () => {
    const { inner, seen } = recording();
    const verifier = new MarkedVerifier(inner, 2, MARKER);
    await verifier.next([1, 2], 1);
    await verifier.next([1, 2, 3, 4], 2);
    await verifier.next([1, 2, 3, 4], 3);
    assert.deepEqual(seen, [
      { sequence: [1, 2, MARKER], rows: 1 },
      { sequence: [1, 2, MARKER, 3, 4], rows: 2 },
      { sequence: [1, 2, MARKER, 3, 4], rows: 3 },
    ]);
  });

  it("refuses rows of the context, whose tokens it does not read as they are", async () => {
    const verifier = new MarkedVerifier(recording().inner, 2, MARKER);
    await assert.rejects(verifier.next([1, 2, 3], 3));
    await assert.rejects(verifier.next([1], 1));
  });
});
