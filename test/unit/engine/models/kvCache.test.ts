import assert from "node:assert/strict";
import { KvCache } from "../../../../src/engine/models/kvCache.js";
import type { CacheShape } from "../../../../src/protocol/manifest.js";

function cache(shape: Partial<CacheShape> = {}): KvCache {
  return new KvCache({ layers: 2, kvHeads: 1, headDim: 16, type: "float32", ...shape });
}

describe("KvCache", () => {
  it("reuses the longest common prefix", () => {
    const kv = cache();
    kv.append([1, 2, 3, 4], true);
    assert.equal(kv.commonPrefix([1, 2, 9, 4], true), 2);
    assert.equal(kv.commonPrefix([1, 2, 3, 4, 5], true), 4);
    assert.equal(kv.commonPrefix([], true), 0);
  });

  it("does not count tokens of one-token passes, nor what follows them, as exact", () => {
    const kv = cache();
    kv.append([1, 2], true);
    kv.append([3], false);
    kv.append([4], true);
    assert.equal(kv.commonPrefix([1, 2, 3, 4], true), 2);
    assert.equal(kv.commonPrefix([1, 2, 3, 4], false), 4);
  });

  it("is exact again after going back behind the one-token pass", () => {
    const kv = cache();
    kv.append([1, 2], true);
    kv.append([3], false);
    kv.rewind(2);
    kv.append([5, 6], true);
    assert.equal(kv.commonPrefix([1, 2, 5, 6], true), 4);
  });

  it("gives the graph one memory for reading and writing", () => {
    const kv = cache();
    assert.deepEqual(Object.keys(kv.pasts), ["past_key_0", "past_value_0", "past_key_1", "past_value_1"]);
    assert.equal(kv.pasts.past_key_1, kv.presents.present_key_1);
    assert.equal(kv.residentBytes, 2 * 2 * 16 * 256 * 4);
  });

  it("refuses to hold more than fits", () => {
    assert.throws(() => cache().append(new Array<number>(257).fill(1), true), /capacity/);
  });

  it("grows where more positions are asked for, and keeps what it holds", async () => {
    const kv = cache({ layers: 1, kvHeads: 2, headDim: 4 });
    const valuesAt = (head: number, position: number): number[] => {
      const data = kv.pasts.past_key_0.data as Float32Array;
      const start = (head * kv.capacity + position) * 4;
      return [...data.subarray(start, start + 4)];
    };
    (kv.pasts.past_key_0.data as Float32Array).forEach((_, index, data) => (data[index] = index));
    kv.append([7, 8, 9], true);
    const before = [0, 1].flatMap((head) => [0, 1, 2].map((position) => valuesAt(head, position)));
    await kv.reserve(300);
    assert.equal(kv.capacity, 512);
    assert.deepEqual([0, 1].flatMap((head) => [0, 1, 2].map((position) => valuesAt(head, position))), before);
    assert.equal(kv.commonPrefix([7, 8, 9], true), 3);
    assert.equal(kv.pasts.past_key_0, kv.presents.present_key_0);
  });

  it("takes half the memory with halves", () => {
    const [full, half] = [cache(), cache({ type: "float16" })];
    assert.equal(half.residentBytes, full.residentBytes / 2);
    assert.equal(half.pasts.past_key_0.type, "float16");
  });

  it("keeps last hidden states of exact positions until it goes back before them", () => {
    const kv = cache();
    kv.append([1, 2, 3], true);
    kv.append([4], false);
    const state = Float32Array.of(1, 2);
    for (const position of [1, 2, 3]) kv.keepState(position, state);
    state.fill(9);
    assert.deepEqual([1, 2, 3].map((position) => kv.stateAt(position)), [Float32Array.of(1, 2), Float32Array.of(1, 2), undefined]); // prettier-ignore
    kv.rewind(2);
    assert.deepEqual([1, 2].map((position) => kv.stateAt(position)), [Float32Array.of(1, 2), undefined]); // prettier-ignore
  });

  it("keeps the latest states alone, and counts them as memory", async () => {
    const kv = cache();
    await kv.reserve(600);
    const empty = kv.residentBytes;
    kv.append(new Array<number>(600).fill(1), true);
    for (let position = 0; position < 600; position += 1) kv.keepState(position, new Float32Array(2));
    assert.equal(kv.residentBytes - empty, 512 * 8);
    assert.deepEqual([kv.stateAt(87), kv.stateAt(88)?.length], [undefined, 2]);
  });
});
