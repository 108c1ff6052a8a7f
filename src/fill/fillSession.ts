import type { CanvasSlotText, InfillResult } from "../protocol/messages.js";
import type { FillRequest } from "../protocol/fillRequest.js";
import { FillChoices, type FillChoice } from "./fillChoices.js";
import { mostLines, textAround, type Hole } from "./fillHoles.js";
import { fillText } from "./fillText.js";

/** `filling`: a canvas is being denoised. `shown`: nothing is. The last three are the end; `empty`: no text was found. */
export type FillState = "idle" | "filling" | "shown" | "accepted" | "dismissed" | "empty";

/** What a session hands on with a request: how it is cancelled, and who sees the canvas after each step. */
export interface FillListener {
  readonly signal: AbortSignal;
  readonly onCanvas: (slots: readonly CanvasSlotText[]) => void;
}

/** Fills the hole between two texts. */
export type AskFill = (
  around: { readonly prefix: string; readonly suffix: string },
  request: FillRequest,
  listener: FillListener,
) => Promise<InfillResult>;

export interface FillSessionOptions {
  /** The document, and the holes in the order of its text. */
  readonly text: string;
  /** The document's, as the editor names it; default: not known. */
  readonly languageId?: string;
  readonly holes: readonly Hole[];
  /** Most tokens of a fill. */
  readonly maxTokens: number;
  readonly ask: AskFill;
  /** Called when what is to be seen changed. */
  readonly onChange?: () => void;
  /** Called with why what was asked for changed nothing. */
  readonly onNothingNew?: (why: string) => void;
  /** Called when the engine failed; the holes that have a text keep it. */
  readonly onFailure?: (error: unknown) => void;
}

/** A hole and the text it gets. */
export interface FilledHole {
  readonly hole: Hole;
  readonly text: string;
}

/** What is to be seen in a hole. */
export interface HoleView {
  readonly hole: Hole;
  /** The canvas, or the slots of the text that is shown; empty before the first canvas. */
  readonly slots: readonly CanvasSlotText[];
  /** The canvas one step earlier; empty when there was none. */
  readonly earlier: readonly CanvasSlotText[];
  readonly isFilling: boolean;
  /** Which of how many texts is shown, from 1; 0 of 0 when there is none. */
  readonly place: readonly [number, number];
}

interface Cell {
  readonly hole: Hole;
  readonly choices: FillChoices;
  wanted: FillRequest | undefined;
  /** How many texts further on a person wants to be, once what is being filled is there. */
  turns: number;
  slots: readonly CanvasSlotText[];
  earlier: readonly CanvasSlotText[];
}

const FIRST: FillRequest = { seed: 0, temperature: 0 };
const OTHER_TEMPERATURE = 0.8;

/** The fill of the holes of one document, one after the other: what is shown of it, and what a person may ask of it meanwhile. */
export class FillSession {
  readonly #options: FillSessionOptions;
  readonly #cells: readonly Cell[];
  #state: FillState = "idle";
  #running: { readonly cell: Cell; readonly abort: AbortController } | undefined;
  #whole: Promise<void> = Promise.resolve();
  #seed = 0;

  constructor(options: FillSessionOptions) {
    this.#options = options;
    this.#cells = options.holes.map((hole) => ({ hole, choices: new FillChoices(), wanted: undefined, turns: 0, slots: [], earlier: [] }));
  }

  get state(): FillState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state === "filling" || this.#state === "shown";
  }

  get views(): readonly HoleView[] {
    return this.#cells.map(({ hole, choices, wanted, slots, earlier }) => ({
      hole,
      slots: slots.length > 0 ? slots : (choices.current?.slots ?? []),
      earlier,
      isFilling: wanted !== undefined,
      place: choices.place,
    }));
  }

  /** Begins. @returns when every hole is filled or the session ended */
  start(): Promise<void> {
    for (const cell of this.#cells) cell.wanted = FIRST;
    return this.#work();
  }

  /** Resolves when nothing is being filled. */
  get whole(): Promise<void> {
    return this.#whole;
  }

  /** Asks for a longer text in a hole. @returns why there is none, or undefined */
  longer(index: number): string | undefined {
    const whyNot = this.#whyNoLength(index);
    if (whyNot !== undefined) return whyNot;
    const least = this.#lengthOf(index, "minTokens") + 1;
    if (least > this.#options.maxTokens) return `A fill has at most ${this.#options.maxTokens} tokens; lacuna.maxTokens sets the limit.`;
    this.#want(index, { ...FIRST, minTokens: least });
    return undefined;
  }

  /** Asks for a shorter text in a hole. @returns why there is none, or undefined */
  shorter(index: number): string | undefined {
    const whyNot = this.#whyNoLength(index);
    if (whyNot !== undefined) return whyNot;
    const most = this.#lengthOf(index, "maxTokens") - 1;
    if (most < 1) return "It cannot be shorter.";
    this.#want(index, { ...FIRST, maxTokens: most });
    return undefined;
  }

  /**
   * Shows another text of a hole: one of those that were found on the way, then new ones by chance. While the hole is being
   * filled the wish waits: a canvas may look finished a moment before it is.
   *
   * @param step 1 or -1
   */
  other(index: number, step: 1 | -1): void {
    const cell = this.#cells[index];
    if (!this.isOpen) return;
    cell.turns += step;
    if (cell.wanted === undefined) this.#turn(cell);
  }

  /** Goes as far as a person wanted among the texts that are there; beyond them, asks for one more. */
  #turn(cell: Cell): void {
    if (cell.choices.current === undefined) cell.turns = 0;
    while (cell.turns !== 0) {
      const step = cell.turns > 0 ? 1 : -1;
      cell.turns -= step;
      if (cell.choices.move(step)) continue;
      cell.wanted = { seed: (this.#seed += 1), temperature: OTHER_TEMPERATURE };
      void this.#work();
      return;
    }
    this.#changed();
  }

  /** The texts of the holes that have one, in their order. */
  get fills(): readonly FilledHole[] {
    return this.#cells.flatMap(({ hole, choices }) => (choices.current === undefined ? [] : [{ hole, text: choices.current.text }]));
  }

  /** Ends the session with the texts that are shown. @returns them; none when it had ended before */
  accept(): readonly FilledHole[] {
    if (!this.isOpen) return [];
    this.#end("accepted");
    return this.fills;
  }

  /** Ends the session without a text. */
  dismiss(): void {
    if (this.isOpen) this.#end("dismissed");
  }

  #end(state: "accepted" | "dismissed"): void {
    this.#state = state;
    this.#running?.abort.abort();
    this.#changed();
  }

  /** Why no other length can be asked for; undefined when one can. */
  #whyNoLength(index: number): string | undefined {
    const { wanted, choices } = this.#cells[index];
    if (!this.isOpen) return "The fill is over.";
    if (choices.current !== undefined) return undefined;
    return wanted === undefined ? "There is no text here." : "The first text is not there yet.";
  }

  /** The length in tokens that a request is compared with: what was asked for last, or what is shown. */
  #lengthOf(index: number, bound: "minTokens" | "maxTokens"): number {
    const { wanted, choices } = this.#cells[index];
    return wanted?.[bound] ?? choices.current!.tokens;
  }

  #want(index: number, request: FillRequest): void {
    const cell = this.#cells[index];
    cell.wanted = request;
    cell.turns = 0;
    if (this.#running?.cell === cell) this.#running.abort.abort();
    void this.#work();
  }

  #work(): Promise<void> {
    if (this.#state === "filling") return this.#whole;
    this.#state = "filling";
    this.#whole = this.#fillWanted();
    return this.#whole;
  }

  async #fillWanted(): Promise<void> {
    this.#changed();
    for (let index = this.#nextWanted(); index !== -1; index = this.#nextWanted()) {
      await this.#fill(index, this.#cells[index].wanted!);
    }
    if (this.#state !== "filling") return;
    this.#state = this.#cells.some(({ choices }) => choices.current !== undefined) ? "shown" : "empty";
    this.#changed();
  }

  #nextWanted(): number {
    return this.#state === "filling" ? this.#cells.findIndex(({ wanted }) => wanted !== undefined) : -1;
  }

  async #fill(index: number, request: FillRequest): Promise<void> {
    const cell = this.#cells[index];
    const abort = new AbortController();
    this.#running = { cell, abort };
    const onCanvas = (slots: readonly CanvasSlotText[]): void => {
      if (abort.signal.aborted) return;
      cell.earlier = cell.slots;
      cell.slots = slots;
      this.#changed();
    };
    try {
      const { text, languageId, holes, ask } = this.#options;
      const fills = this.#cells.map(({ choices }) => choices.current?.text);
      const wanted = { ...request, maxLines: mostLines(text, cell.hole) };
      const around = textAround(text, holes, fills, index);
      const result = await ask(around, wanted, { signal: abort.signal, onCanvas });
      if (result.outcome === "done" && !abort.signal.aborted) {
        const mend = (middle: string): string => fillText(middle, { ...around, languageId });
        const before = cell.choices.current?.text;
        cell.choices.add(choicesOf(result, cell.slots, mend), request.temperature > 0);
        if (before !== undefined && cell.choices.current?.text === before) this.#options.onNothingNew?.(nothingNew(request));
      }
    } catch (error) {
      // One failure is enough: the other holes would meet the same.
      for (const each of this.#cells) {
        each.wanted = undefined;
        each.turns = 0;
      }
      if (!abort.signal.aborted) this.#options.onFailure?.(error);
    }
    this.#running = undefined;
    cell.slots = [];
    cell.earlier = [];
    if (cell.wanted === request) cell.wanted = undefined;
    if (cell.wanted === undefined && this.isOpen) this.#turn(cell);
  }

  #changed(): void {
    this.#options.onChange?.();
  }
}

function nothingNew({ minTokens, maxTokens }: FillRequest): string {
  if (minTokens === undefined && maxTokens === undefined) return "No other text was found.";
  return minTokens === undefined ? "Nothing shorter was found." : "Nothing longer was found: the text ends here.";
}

function choicesOf(result: InfillResult, slots: readonly CanvasSlotText[], mend: (text: string) => string): FillChoice[] {
  const { tokens, alternatives } = result;
  const middle = mend(result.middle);
  const isSame = slots.map(({ text }) => text).join("") === middle.replaceAll("\r\n", "\n");
  const others = alternatives.map((other) => {
    const text = mend(other.text);
    return { text, tokens: other.tokens, slots: plain(text) };
  });
  return [{ text: middle, tokens, slots: isSame ? slots : plain(middle) }, ...others].filter(({ text }) => text !== "");
}

const plain = (text: string): CanvasSlotText[] => [{ text: text.replaceAll("\r\n", "\n"), confidence: 1 }];
