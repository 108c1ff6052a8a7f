import { assert } from "../../base/assert.js";

/** One place in a canvas. */
export interface CanvasSlot {
  /** Undefined while undecided. */
  readonly token: number | undefined;
  /** Probability the model gave the token when it was committed, in [0, 1]; 0 while undecided. */
  readonly confidence: number;
}

const UNDECIDED: CanvasSlot = { token: undefined, confidence: 0 };

/**
 * The middle while it is written: an ordered list of slots, each undecided or a committed token.
 *
 * A committed token is never changed, moved past another one or removed. Every operation that changes anything lowers
 * `undecided + 2 * growth left`, which is never below 0: any sequence of them ends.
 */
export class Canvas {
  readonly #maxSlots: number;
  #growthLeft: number;
  #slots: CanvasSlot[];

  /**
   * @param undecided slots at the start; in [0, maxSlots]
   * @param maxSlots most slots at any time, committed ones included
   * @param growthBudget slots that may ever be added, by `expand` and `resizeTail` together. The default lets a decoder
   *   that resizes once a commit ask for any length each time
   */
  constructor(undecided: number, maxSlots: number, growthBudget = maxSlots * maxSlots) {
    assert(undecided >= 0 && undecided <= maxSlots, `${undecided} undecided slots in a canvas of ${maxSlots}`);
    this.#maxSlots = maxSlots;
    this.#growthLeft = growthBudget;
    this.#slots = new Array<CanvasSlot>(undecided).fill(UNDECIDED);
  }

  /** A copy. */
  get slots(): CanvasSlot[] {
    return [...this.#slots];
  }

  get length(): number {
    return this.#slots.length;
  }

  /** Token ids with `maskId` where a slot is undecided; a new array. */
  masked(maskId: number): number[] {
    return this.#slots.map(({ token }) => token ?? maskId);
  }

  /** Committed tokens in order; a new array. */
  get committed(): number[] {
    return this.#slots.flatMap(({ token }) => token ?? []);
  }

  get undecided(): number {
    return this.#slots.reduce((count, { token }) => (token === undefined ? count + 1 : count), 0);
  }

  /** Whether the limits allow one more slot. */
  get canGrow(): boolean {
    return this.#growthRoom() >= 1;
  }

  /** Decides the undecided slot `slot`. @param confidence see `CanvasSlot` */
  commit(slot: number, token: number, confidence = 1): void {
    this.#assertUndecided(slot);
    this.#slots[slot] = { token, confidence };
  }

  /** Decides the first undecided slot, of which there must be one; returns its index. */
  commitLeftmost(token: number, confidence = 1): number {
    const slot = this.#slots.findIndex((each) => each.token === undefined);
    this.commit(slot, token, confidence);
    return slot;
  }

  /** Turns the undecided slot `slot` into two; returns false and changes nothing when the limits forbid it. */
  expand(slot: number): boolean {
    this.#assertUndecided(slot);
    if (this.#growthRoom() < 1) return false;
    this.#growthLeft -= 1;
    this.#slots.splice(slot, 0, UNDECIDED);
    return true;
  }

  /**
   * Removes the undecided slot `from` and every later undecided one; committed ones behind it move left.
   *
   * Source: arXiv 2602.01326 (DreamOn), decoding of its delete token.
   */
  delete(from: number): void {
    this.#assertUndecided(from);
    this.#slots = this.#slots.filter(({ token }, slot) => slot < from || token !== undefined);
  }

  /**
   * Brings the number of undecided slots to `undecided`, or as near to it as the limits allow: the last ones go, new
   * ones come at the end.
   *
   * @returns the number of undecided slots there are now
   */
  resizeTail(undecided: number): number {
    assert(undecided >= 0, `${undecided} undecided slots`);
    const change = undecided - this.undecided;
    for (let removed = change; removed < 0; removed += 1)
      this.#slots.splice(
        this.#slots.findLastIndex(({ token }) => token === undefined),
        1,
      );
    const added = Math.max(0, Math.min(change, this.#growthRoom()));
    this.#growthLeft -= added;
    for (let index = 0; index < added; index += 1) this.#slots.push(UNDECIDED);
    return this.undecided;
  }

  #growthRoom(): number {
    return Math.min(this.#growthLeft, this.#maxSlots - this.#slots.length);
  }

  #assertUndecided(slot: number): void {
    const isUndecided = slot >= 0 && slot < this.#slots.length && this.#slots[slot].token === undefined;
    assert(isUndecided, `slot ${slot} of ${this.#slots.length} is not undecided`);
  }
}
