import assert from "node:assert/strict";
import { diffuserTokens, layoutOf, verifierTokens } from "../../../../src/decode/sequence.js";
import { ContextPool } from "../../../../src/engine/models/contextPool.js";
import { KvCache } from "../../../../src/engine/models/kvCache.js";
import type { CacheShape } from "../../../../src/protocol/manifest.js";

const SHAPE: CacheShape = { layers: 1, kvHeads: 1, headDim: 16, type: "float32" };
const ONE = new KvCache(SHAPE).residentBytes;

/** A document of 100 tokens that shares nothing with the others. */
function document(name: number, length = 100): number[] {
  return Array.from({ length }, (_, index) => name * 1000 + index);
}

/** What the verifier does: chooses a context, goes back to what it shares, reads the rest. Returns how much was cached. */
function read(pool: ContextPool, tokens: readonly number[]): number {
  const cache = pool.choose({ layout: layoutOf(tokens), written: [] }, true).verifier;
  const past = cache.commonPrefix(tokens, true);
  cache.rewind(past);
  void cache.reserve(tokens.length);
  cache.append(tokens.slice(past), true);
  return past;
}

describe("ContextPool", () => {
  it("keeps a document cached while others are read", () => {
    const pool = new ContextPool(SHAPE, undefined, 3 * ONE);
    for (const name of [1, 2, 3]) assert.equal(read(pool, document(name)), 0);
    for (const name of [1, 2, 3]) assert.equal(read(pool, document(name, 110)), 100);
    assert.equal(pool.residentBytes, 3 * ONE);
  });

  it("gives up the least recently used document, and takes no more memory than it may", () => {
    const pool = new ContextPool(SHAPE, undefined, 2.9 * ONE);
    read(pool, document(1));
    read(pool, document(2));
    read(pool, document(1, 101));
    assert.equal(read(pool, document(3)), 0);
    assert.equal(read(pool, document(1)), 100);
    assert.equal(read(pool, document(2)), 0);
    assert.ok(pool.residentBytes <= 2.9 * ONE);
  });

  it("goes back in the same context when the end of a document changes", () => {
    const pool = new ContextPool(SHAPE, undefined, 3 * ONE);
    read(pool, document(1));
    assert.equal(read(pool, [...document(1, 60), 7, 8, 9]), 60);
    assert.equal(pool.residentBytes, ONE);
  });

  it("has one context however little memory it may have, also where that one grows beyond the bound", () => {
    const pool = new ContextPool(SHAPE, undefined, 0);
    read(pool, document(1));
    assert.equal(read(pool, document(2)), 0);
    assert.equal(pool.residentBytes, ONE);
    assert.equal(read(pool, document(2, 300)), 100);
    assert.equal(read(pool, document(2, 300)), 300);
  });

  it("forgets others when the context in use has grown", () => {
    const pool = new ContextPool(SHAPE, undefined, 2 * ONE);
    read(pool, document(1));
    read(pool, document(2));
    read(pool, document(2, 300));
    assert.equal(read(pool, document(2, 301)), 300);
    assert.equal(pool.residentBytes, 2 * ONE);
    assert.equal(read(pool, document(1)), 0);
  });

  it("gives up another place of the same document before it forgets another document, and the least recently used where each has one", () => {
    const pool = new ContextPool(SHAPE, undefined, 10 * ONE);
    const readOf = (name: string, place: number): number => {
      pool.document = name;
      return read(pool, document(place));
    };
    readOf("a", 1);
    for (const place of [2, 3, 4, 5, 6]) assert.equal(readOf("b", place), 0);
    assert.equal(readOf("a", 1), 100);
    assert.deepEqual([readOf("b", 6), readOf("b", 5), readOf("b", 2)], [100, 100, 0]);
    for (const [index, name] of ["c", "d", "e"].entries()) readOf(name, 10 + index);
    assert.deepEqual([readOf("e", 12), readOf("d", 11), readOf("c", 10), readOf("a", 1)], [100, 100, 100, 0]);
  });

  it("gives up the places of a document one by one where memory is short", () => {
    const pool = new ContextPool(SHAPE, undefined, 2 * ONE);
    pool.document = "a";
    read(pool, document(1));
    pool.document = "b";
    for (const place of [2, 3, 4]) read(pool, document(place));
    assert.equal(pool.residentBytes, 2 * ONE);
    pool.document = "a";
    assert.equal(read(pool, document(1)), 100);
  });

  it("finds short sequences again", () => {
    const pool = new ContextPool(SHAPE, undefined, 3 * ONE);
    read(pool, document(1, 5));
    assert.equal(read(pool, document(1, 6)), 5);
    assert.equal(pool.residentBytes, ONE);
  });

  it("holds the memory of both models in one context, also where only the diffuser has read it", () => {
    const pool = new ContextPool(SHAPE, SHAPE, 10 * ONE);
    const layout = { ...layoutOf(document(1)), marker: [9] };
    const sequence = { layout, written: [5, 6] };
    const context = pool.choose(sequence, true);
    context.diffuser?.append(diffuserTokens(sequence), true);
    assert.equal(pool.choose({ layout: layoutOf(document(2)), written: [] }, true) === context, false);
    assert.equal(pool.choose({ layout, written: [5, 6, 7] }, true), context);
    assert.deepEqual([verifierTokens(sequence).length, diffuserTokens(sequence).length], [103, 102]);
  });

  /** Reads a place of a document for one who asks. */
  const readFor = (pool: ContextPool, owner: object, place: number): number => {
    pool.owner = owner;
    pool.document = `of ${place}`;
    return read(pool, document(place));
  };

  it("keeps the places of one window while another goes through many, where memory allows", () => {
    const pool = new ContextPool(SHAPE, undefined, 8 * ONE);
    const [a, b] = [{}, {}];
    for (const place of [1, 2, 3, 4]) readFor(pool, a, place);
    for (const place of [11, 12, 13, 14, 15, 16]) readFor(pool, b, place);
    assert.deepEqual([1, 2, 3, 4].map((place) => readFor(pool, a, place)), [100, 100, 100, 100]); // prettier-ignore
    assert.equal(pool.residentBytes, 8 * ONE);
  });

  it("shares memory that is short: who has most places gives one up, and nobody gives up the last for another's second", () => {
    const pool = new ContextPool(SHAPE, undefined, 4 * ONE);
    const [a, b, c] = [{}, {}, {}];
    for (const place of [1, 2, 3, 4]) readFor(pool, a, place);
    for (const place of [11, 12, 13, 14, 15]) readFor(pool, b, place);
    assert.deepEqual([readFor(pool, a, 4), readFor(pool, a, 3)], [100, 100]);
    for (const place of [21, 22, 23]) readFor(pool, c, place);
    assert.ok(readFor(pool, a, 3) === 100 && readFor(pool, b, 15) === 100 && readFor(pool, c, 23) === 100);
  });

  it("never goes back in a context of another window, however much of a text is the same, and forgets those of one that has left", () => {
    const pool = new ContextPool(SHAPE, undefined, 8 * ONE);
    const [a, b] = [{}, {}];
    readFor(pool, a, 1);
    assert.equal(readFor(pool, b, 1), 0);
    pool.owner = b;
    read(pool, [...document(1, 60), 7, 8, 9]);
    assert.equal(readFor(pool, a, 1), 100);
    pool.release(a);
    assert.equal(pool.residentBytes, ONE);
    assert.equal(readFor(pool, b, 1), 60);
  });
});
