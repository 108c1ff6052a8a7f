import { assert } from "../../base/assert.js";
import type { ReaderEntry } from "../../protocol/manifest.js";

/** Where weights begin in the file. */
const ALIGNMENT = 4096;
/** So many of a slot's best classes are looked at, and mostly some more: what is below them has hardly a chance to come back. */
const LOOKED_AT = 32;

/** How many values each part of the file has: tokens, vectors before slots, of the classes, of the certainty. */
function partsOf({ headTokens, rank }: Pick<ReaderEntry, "headTokens" | "rank">): readonly [number, number, number, number] {
  return [headTokens, (headTokens + 3) * rank, (headTokens + 1) * rank, rank];
}

/** What the file of a sequential head takes at least, in bytes. */
export function leastSequentialBytes(entry: Pick<ReaderEntry, "headTokens" | "rank">): number {
  return 4 * partsOf(entry).reduce((sum, values) => sum + values, 0);
}

/** What may stand in a slot. */
export interface Candidates {
  readonly classes: readonly number[];
  /** One for each of them. */
  readonly logits: Float32Array;
}

/**
 * The sequential head for one slot at a time, as drafting needs it, without a run of its graph: that one adds to all classes, which takes
 * longer for one slot than looking at the likely ones.
 */
export class SequentialHead {
  /** Ids of the classes but END, the last. */
  readonly tokens: Int32Array;
  readonly #rank: number;
  readonly #previous: Float32Array;
  readonly #following: Float32Array;
  readonly #confidence: Float32Array;

  /** @param bytes of the file `sequentialData` */
  constructor(bytes: ArrayBuffer, entry: Pick<ReaderEntry, "headTokens" | "rank">) {
    const [tokens, previous, following, sure] = partsOf(entry);
    let offset = 0;
    const next = (count: number): { at: number; count: number } => {
      const at = offset;
      offset = Math.ceil((at + 4 * count) / ALIGNMENT) * ALIGNMENT;
      return { at, count };
    };
    const floats = (count: number): Float32Array => {
      const { at } = next(count);
      assert(at + 4 * count <= bytes.byteLength, "the weights of a sequential head are complete");
      return new Float32Array(bytes, at, count);
    };
    this.tokens = new Int32Array(bytes, next(tokens).at, tokens);
    this.#rank = entry.rank;
    this.#previous = floats(previous);
    this.#following = floats(following);
    this.#confidence = floats(sure);
  }

  /**
   * What may stand in a slot of a draft, in the order of the classes; never END.
   *
   * @param logits [classes] of the slot alone
   * @param before class of the token before it; see `ReaderRunner.follow`
   */
  candidates(logits: Float32Array, before: number): Candidates {
    const classes = highest(logits, this.tokens.length);
    const followed = new Float32Array(classes.length);
    for (let index = 0; index < classes.length; index += 1) {
      const each = classes[index];
      followed[index] = logits[each] + this.#product(this.#following, each * this.#rank, before * this.#rank);
    }
    return { classes, logits: followed };
  }

  /** The chance that the best class of a slot is right. @param certainty the slot's own share of its logit */
  chance(certainty: number, before: number): number {
    return 1 / (1 + Math.exp(-certainty - this.#product(this.#confidence, 0, before * this.#rank)));
  }

  #product(weights: Float32Array, at: number, from: number): number {
    let sum = 0;
    for (let index = 0; index < this.#rank; index += 1) sum += weights[at + index] * this.#previous[from + index];
    return sum;
  }
}

/**
 * Indices of the highest of the first `size` logits, in their order, at least `LOOKED_AT` of them: those that no share of the classes,
 * dealt out in turn, is wholly below. Sorting them would take longer than the sums that it saves.
 */
function highest(logits: Float32Array, size: number): number[] {
  const best = new Float32Array(Math.min(LOOKED_AT, size)).fill(-Infinity);
  for (let from = 0; from < size; from += best.length) {
    const count = Math.min(best.length, size - from);
    for (let share = 0; share < count; share += 1) if (logits[from + share] > best[share]) best[share] = logits[from + share];
  }
  const edge = Math.min(...best);
  const indices: number[] = [];
  for (let index = 0; index < size; index += 1) if (logits[index] >= edge) indices.push(index);
  return indices;
}
