import type { Drafter } from "./draft.js";

/** Drafts a text that is already there: the rest of an earlier answer, or a middle that was infilled. Nothing after the first disagreement. */
export class KnownDrafter implements Drafter {
  readonly #start: number;
  readonly #tokens: readonly number[];

  /** @param start where in the sequence `tokens` begin: the length of the prompt */
  constructor(start: number, tokens: readonly number[]) {
    this.#start = start;
    this.#tokens = tokens;
  }

  draft(sequence: readonly number[], length: number): ReturnType<Drafter["draft"]> {
    const written = sequence.length - this.#start;
    const agrees = this.#tokens.slice(0, written).every((token, index) => token === sequence[this.#start + index]);
    return Promise.resolve({ tokens: agrees ? this.#tokens.slice(written, written + length) : [], proposals: undefined });
  }
}
