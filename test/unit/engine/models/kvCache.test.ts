import assert from "node:assert/strict";
import { KvCache } from "../../../../src/engine/models/kvCache.js";

const cache = (): KvCache => new KvCache({ layers: 2, kvHeads: 1, headDim: 16, capacity: 32 });

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
    assert.equal(kv.residentBytes, 2 * 2 * 16 * 32 * 4);
  });

  it("refuses to hold more than fits", () => {
    assert.throws(() => cache().append(new Array<number>(33).fill(1), true), /capacity/);
  });
});
