import assert from "node:assert/strict";
import { CachePool } from "../../../../src/engine/models/cachePool.js";
import { KvCache } from "../../../../src/engine/models/kvCache.js";

const SHAPE = { layers: 1, kvHeads: 1, headDim: 16, capacity: 256 };
const ONE = new KvCache(SHAPE).residentBytes;

/** A document of 100 tokens that shares nothing with the others. */
function document(name: number, length = 100): number[] {
  return Array.from({ length }, (_, index) => name * 1000 + index);
}

/** What a model does: chooses a cache, goes back to what it shares, reads the rest. Returns how much was cached. */
function read(pool: CachePool, sequence: readonly number[]): number {
  const cache = pool.choose(sequence, true);
  const past = cache.commonPrefix(sequence, true);
  cache.rewind(past);
  cache.append(sequence.slice(past), true);
  return past;
}

describe("CachePool", () => {
  it("keeps a document cached while others are read", () => {
    const pool = new CachePool(SHAPE, 3 * ONE);
    for (const name of [1, 2, 3]) assert.equal(read(pool, document(name)), 0);
    for (const name of [1, 2, 3]) assert.equal(read(pool, document(name, 110)), 100);
    assert.equal(pool.residentBytes, 3 * ONE);
  });

  it("gives up the least recently used document, and no more memory than it may have", () => {
    const pool = new CachePool(SHAPE, 2.9 * ONE);
    read(pool, document(1));
    read(pool, document(2));
    read(pool, document(1, 101));
    assert.equal(read(pool, document(3)), 0);
    assert.equal(read(pool, document(1)), 100);
    assert.equal(read(pool, document(2)), 0);
    assert.equal(pool.residentBytes, 2 * ONE);
  });

  it("goes back in the same cache when the end of a document changes", () => {
    const pool = new CachePool(SHAPE, 3 * ONE);
    read(pool, document(1));
    assert.equal(read(pool, [...document(1, 60), 7, 8, 9]), 60);
    assert.equal(pool.residentBytes, ONE);
  });

  it("has one cache however little memory it may have", () => {
    const pool = new CachePool(SHAPE, 0);
    read(pool, document(1));
    assert.equal(read(pool, document(2)), 0);
    assert.equal(pool.residentBytes, ONE);
  });

  it("finds short sequences again", () => {
    const pool = new CachePool(SHAPE, 3 * ONE);
    read(pool, document(1, 5));
    assert.equal(read(pool, document(1, 6)), 5);
    assert.equal(pool.residentBytes, ONE);
  });
});
