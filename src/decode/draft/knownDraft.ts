import type { Sequence } from "../sequence.js";
import type { Drafter } from "./draft.js";

/** Drafts a text that is already there: the rest of an earlier answer, or a middle that was infilled. Nothing after the first disagreement. */
export class KnownDrafter implements Drafter {
  readonly #tokens: readonly number[];

  /** @param tokens what is expected to be written, from its beginning */
  constructor(tokens: readonly number[]) {
    this.#tokens = tokens;
  }

  draft({ written: sequence }: Sequence, length: number): ReturnType<Drafter["draft"]> {
    const written = sequence.length;
    const agrees = this.#tokens.slice(0, written).every((token, index) => token === sequence[index]);
    return Promise.resolve({ tokens: agrees ? this.#tokens.slice(written, written + length) : [], proposals: undefined });
  }
}
