import type { CanvasSlotText } from "../protocol/messages.js";

/** A text that a hole may get. */
export interface FillChoice {
  readonly text: string;
  readonly tokens: number;
  /** The text in pieces, "\n" between lines. */
  readonly slots: readonly CanvasSlotText[];
}

/** The texts that were found for a hole, each once, and which of them is shown. */
export class FillChoices {
  #choices: FillChoice[] = [];
  #shown = 0;

  get current(): FillChoice | undefined {
    return this.#choices.at(this.#shown);
  }

  /** Which of how many, from 1; 0 of 0 when there is none. */
  get place(): readonly [number, number] {
    return this.#choices.length === 0 ? [0, 0] : [this.#shown + 1, this.#choices.length];
  }

  /** Takes new texts, the best first, and shows it. Nothing changes without one. @param areMore whether the earlier ones stay */
  add(choices: readonly FillChoice[], areMore: boolean): void {
    const [best] = choices;
    if (best === undefined) return;
    const all = areMore ? [...this.#choices, ...choices] : choices;
    this.#choices = all.filter(({ text }, index) => all.findIndex((each) => each.text === text) === index);
    this.#shown = this.#choices.findIndex(({ text }) => text === best.text);
  }

  /** Shows the next or the one before. @returns false at the end of those that are known */
  move(step: 1 | -1): boolean {
    const target = this.#shown + step;
    if (target < 0 || target >= this.#choices.length) return false;
    this.#shown = target;
    return true;
  }
}
