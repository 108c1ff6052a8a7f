import { KvCache, type KvCacheShape } from "./kvCache.js";

/** A cache that has more tokens than this and shares fewer of them with a sequence belongs to another document, which may come back. */
const SAME_DOCUMENT_TOKENS = 32;

/** Caches of one model for several documents, within a bound of memory; the least recently used one goes first. */
export class CachePool {
  readonly #shape: KvCacheShape;
  readonly #most: number;
  /** Most recently used first; never empty. */
  #caches: KvCache[];

  /** @param budgetBytes of all caches together; one cache there is in any case */
  constructor(shape: KvCacheShape, budgetBytes: number) {
    const first = new KvCache(shape);
    this.#shape = shape;
    this.#most = Math.max(1, Math.floor(budgetBytes / first.residentBytes));
    this.#caches = [first];
  }

  /** The cache that was chosen last. */
  get current(): KvCache {
    return this.#caches[0];
  }

  get residentBytes(): number {
    return this.#caches.length * this.current.residentBytes;
  }

  /**
   * Makes current the cache that holds most of `sequence`; if none holds enough to be of its document, an empty one.
   *
   * @param exact counts as in `KvCache.commonPrefix`
   */
  choose(sequence: readonly number[], exact: boolean): KvCache {
    let best: KvCache | undefined;
    let most = -1;
    for (const cache of this.#caches) {
      const shared = cache.commonPrefix(sequence, exact);
      if (shared < Math.min(SAME_DOCUMENT_TOKENS, cache.length) || shared <= most) continue;
      best = cache;
      most = shared;
    }
    this.#use(best ?? this.#unused());
    return this.current;
  }

  #unused(): KvCache {
    if (this.#caches.length < this.#most) return new KvCache(this.#shape);
    const oldest = this.#caches[this.#caches.length - 1];
    oldest.rewind(0);
    return oldest;
  }

  #use(cache: KvCache): void {
    this.#caches = [cache, ...this.#caches.filter((other) => other !== cache)];
  }
}
