import { diffuserTokens, verifierTokens, type Sequence } from "../../decode/sequence.js";
import type { CacheShape } from "../../protocol/manifest.js";
import { KvCache } from "./kvCache.js";

/** A context that has more tokens than this and shares fewer of them with a sequence belongs to another document, which may come back. */
const SAME_DOCUMENT_TOKENS = 32;
/** More documents than this are hardly gone to and fro between. */
const MOST_CONTEXTS = 4;

/** What the models remember of one place of a document. */
export interface ContextMemory {
  /** The document, by the name that its latest request gave it; undefined: not known. */
  document: string | undefined;
  readonly verifier: KvCache;
  /** Undefined where there is no diffuser with a context of its own. */
  readonly diffuser: KvCache | undefined;
}

/**
 * Memory of several places, all models' together, within a bound of memory. The least recently used one goes first, but a document of
 * several places gives up one of them before another document is forgotten: who looks about in one file comes back to the other.
 */
export class ContextPool {
  /** The document that is asked about now, to which contexts that are chosen from here on belong. */
  document: string | undefined;
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
   * is no room beside it are forgotten.
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
    chosen.document = this.document;
    this.#contexts = [chosen, ...this.#contexts.filter((other) => other !== chosen)];
    while (this.#isTooMuch) this.#forgetOne();
    return chosen;
  }

  /** Forgets every document. */
  clear(): void {
    this.#contexts = [this.#fresh()];
  }

  get #isTooMuch(): boolean {
    const { length } = this.#contexts;
    return length > 1 && (length > MOST_CONTEXTS || this.residentBytes > this.#budgetBytes);
  }

  /** Forgets any but the first. */
  #forgetOne(): void {
    const isOneOfSeveral = ({ document }: ContextMemory): boolean =>
      document !== undefined && this.#contexts.filter((other) => other.document === document).length > 1;
    const least = this.#contexts.slice(1).findLast(isOneOfSeveral) ?? this.#contexts.at(-1);
    this.#contexts = this.#contexts.filter((context) => context !== least);
  }

  #fresh(): ContextMemory {
    const diffuser = this.#diffuser === undefined ? undefined : new KvCache(this.#diffuser);
    return { document: this.document, verifier: new KvCache(this.#verifier), diffuser };
  }
}

function bytesOf({ verifier, diffuser }: ContextMemory): number {
  return verifier.residentBytes + (diffuser?.residentBytes ?? 0);
}
