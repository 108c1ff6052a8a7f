import { diffuserTokens, verifierTokens, type Sequence } from "../../decode/sequence.js";
import type { CacheShape } from "../../protocol/manifest.js";
import { KvCache } from "./kvCache.js";

/** A context that has more tokens than this and shares fewer of them with a sequence belongs to another document, which may come back. */
const SAME_DOCUMENT_TOKENS = 32;
/** More documents than this are hardly gone to and fro between in one window. */
const MOST_CONTEXTS = 4;

/** What the models remember of one place of a document. */
export interface ContextMemory {
  /** Who asked for it; nobody else's requests touch it. */
  owner: object | undefined;
  /** The document, by the name that its latest request gave it; undefined: not known. */
  document: string | undefined;
  readonly verifier: KvCache;
  /** Undefined where there is no diffuser with a context of its own. */
  readonly diffuser: KvCache | undefined;
}

/**
 * Memory of several places, all models' together, within a bound of memory. Where that is short, who has most places gives one up; so keys
 * in one window cost another no more than its share. Of one owner's, the least recently used goes first, but a document of several places
 * gives up one of them before another document is forgotten: who looks about in one file comes back to the other.
 */
export class ContextPool {
  /** The document that is asked about now, to which contexts that are chosen from here on belong. */
  document: string | undefined;
  /** Who asks about it. */
  owner: object | undefined;
  readonly #verifier: CacheShape;
  readonly #diffuser: CacheShape | undefined;
  readonly #budgetBytes: number;
  /** Most recently used first. */
  #contexts: ContextMemory[] = [];

  /** @param budgetBytes of all contexts together; one context there is in any case, however large */
  constructor(verifier: CacheShape, diffuser: CacheShape | undefined, budgetBytes: number) {
    this.#verifier = verifier;
    this.#diffuser = diffuser;
    this.#budgetBytes = budgetBytes;
  }

  get residentBytes(): number {
    return this.#contexts.reduce((sum, context) => sum + bytesOf(context), 0);
  }

  /**
   * The context of the owner's that holds most of `sequence`; if none holds enough to be of its document, an empty one. Contexts for which there
   * is no room beside it are forgotten.
   *
   * @param exact counts as in `KvCache.commonPrefix`
   */
  choose(sequence: Sequence, exact: boolean): ContextMemory {
    const [forVerifier, forDiffuser] = [verifierTokens(sequence), diffuserTokens(sequence)];
    let best: ContextMemory | undefined;
    let most = -1;
    for (const context of this.#contexts.filter(({ owner }) => owner === this.owner)) {
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
    while (this.#ownedBy(this.owner).length > MOST_CONTEXTS) this.#forgetOne(this.owner);
    while (this.#contexts.length > 1 && this.residentBytes > this.#budgetBytes) this.#forgetOne(this.#ownerOfMost);
    return chosen;
  }

  /** Forgets every document. */
  clear(): void {
    this.#keep(() => false);
  }

  /** Forgets every document of an owner who asks no more. */
  release(owner: object): void {
    this.#keep((context) => context.owner !== owner);
  }

  #ownedBy(owner: object | undefined): ContextMemory[] {
    return this.#contexts.filter((context) => context.owner === owner);
  }

  /** Who has most and can give one up; of several, who asks now, else whose was used longest ago. */
  get #ownerOfMost(): object | undefined {
    const owners = this.#contexts.slice(1).map((context) => context.owner);
    const most = Math.max(...owners.map((owner) => this.#ownedBy(owner).length));
    const having = owners.filter((owner) => this.#ownedBy(owner).length === most);
    return having.includes(this.owner) ? this.owner : having.at(-1);
  }

  /** Forgets one of an owner's, but never the first of all. */
  #forgetOne(owner: object | undefined): void {
    const owned = this.#ownedBy(owner);
    const isOneOfSeveral = ({ document }: ContextMemory): boolean =>
      document !== undefined && owned.filter((other) => other.document === document).length > 1;
    const others = this.#contexts.slice(1).filter((context) => context.owner === owner);
    const least = others.findLast(isOneOfSeveral) ?? others.at(-1);
    this.#keep((context) => context !== least);
  }

  #keep(isKept: (context: ContextMemory) => boolean): void {
    for (const { verifier, diffuser } of this.#contexts.filter((context) => !isKept(context))) {
      verifier.free();
      diffuser?.free();
    }
    this.#contexts = this.#contexts.filter(isKept);
  }

  #fresh(): ContextMemory {
    const diffuser = this.#diffuser === undefined ? undefined : new KvCache(this.#diffuser);
    return { owner: this.owner, document: this.document, verifier: new KvCache(this.#verifier), diffuser };
  }
}

function bytesOf({ verifier, diffuser }: ContextMemory): number {
  return verifier.residentBytes + (diffuser?.residentBytes ?? 0);
}
