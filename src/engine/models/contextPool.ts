import { diffuserTokens, verifierTokens, type Sequence } from "../../decode/sequence.js";
import type { CacheShape } from "../../protocol/manifest.js";
import { KvCache } from "./kvCache.js";

/** A context that has more tokens than this and shares fewer of them with a sequence belongs to another document, which may come back. */
const SAME_DOCUMENT_TOKENS = 32;
/** More documents than this are hardly gone to and fro between. */
const MOST_CONTEXTS = 4;

/** What the models remember of one document. */
export interface ContextMemory {
  readonly verifier: KvCache;
  /** Undefined where there is no diffuser with a context of its own. */
  readonly diffuser: KvCache | undefined;
}

/** Memory of several documents, all models' together, within a bound of memory; the least recently used document goes first. */
export class ContextPool {
  readonly #verifier: CacheShape;
  readonly #diffuser: CacheShape | undefined;
  readonly #budgetBytes: number;
  /** Most recently used first; never empty. */
  #contexts: ContextMemory[];

  /** @param budgetBytes of all contexts together; one context there is in any case, however large */
  constructor(verifier: CacheShape, diffuser: CacheShape | undefined, budgetBytes: number) {
    this.#verifier = verifier;
    this.#diffuser = diffuser;
    this.#budgetBytes = budgetBytes;
    this.#contexts = [this.#fresh()];
  }

  get residentBytes(): number {
    return this.#contexts.reduce((sum, context) => sum + bytesOf(context), 0);
  }

  /**
   * The context that holds most of `sequence`; if none holds enough to be of its document, an empty one. Contexts for which there
   * is no room beside it are forgotten, the least recently used first.
   *
   * @param exact counts as in `KvCache.commonPrefix`
   */
  choose(sequence: Sequence, exact: boolean): ContextMemory {
    const [forVerifier, forDiffuser] = [verifierTokens(sequence), diffuserTokens(sequence)];
    let best: ContextMemory | undefined;
    let most = -1;
    for (const context of this.#contexts) {
      const { verifier, diffuser } = context;
      const shared = Math.max(verifier.commonPrefix(forVerifier, exact), diffuser?.commonPrefix(forDiffuser, true) ?? 0);
      const length = Math.max(verifier.length, diffuser?.length ?? 0);
      if (shared < Math.min(SAME_DOCUMENT_TOKENS, length) || shared <= most) continue;
      best = context;
      most = shared;
    }
    const chosen = best ?? this.#fresh();
    this.#contexts = [chosen, ...this.#contexts.filter((other) => other !== chosen)].slice(0, MOST_CONTEXTS);
    while (this.#contexts.length > 1 && this.residentBytes > this.#budgetBytes) this.#contexts.pop();
    return chosen;
  }

  /** Forgets every document. */
  clear(): void {
    this.#contexts = [this.#fresh()];
  }

  #fresh(): ContextMemory {
    return { verifier: new KvCache(this.#verifier), diffuser: this.#diffuser === undefined ? undefined : new KvCache(this.#diffuser) };
  }
}

function bytesOf({ verifier, diffuser }: ContextMemory): number {
  return verifier.residentBytes + (diffuser?.residentBytes ?? 0);
}
