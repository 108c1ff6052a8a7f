import type { PromptFormatData } from "../protocol/manifest.js";
import type { RelatedText } from "../protocol/messages.js";
import { toLf } from "./lineEnds.js";
import { relatedPiece } from "./relatedPiece.js";
import type { Tokenizer } from "./tokenizer.js";

/** The text around a hole, LF line ends. */
export interface AroundHole {
  readonly prefix: string;
  readonly suffix: string;
  /** Pieces of other files, each of whole lines: as many of the last ones as fit beside the text around the hole. */
  readonly related?: readonly RelatedText[] | undefined;
}

/** A prompt as the decoders take it; see `Layout` in src/decode/sequence.ts. */
export interface PromptLayout {
  readonly prompt: readonly number[];
  readonly marker: readonly number[];
  readonly begun: readonly number[];
  readonly around: readonly number[];
  readonly suffixHead: readonly number[];
}

/** How long the parts of a prompt may be, in tokens. */
export interface PromptBudget {
  /** Everything that is read before the first written token; at least 16. */
  readonly promptTokens: number;
  /** How many tokens `suffixHead` holds at most. */
  readonly suffixHeadTokens: number;
  /** The start of the prefix moves in steps of so many tokens, so that typing leaves the cached tokens in place; default 64. */
  readonly stepTokens?: number | undefined;
}

/** At most this share of the window goes to the suffix. */
const SUFFIX_SHARE = 0.3;
const STEP_TOKENS = 64;
/** More characters per token than any ordinary code has: bounds how much text is tokenized. */
const UNITS_PER_TOKEN = 8;
/** So much may be typed before a layout with the prefix first is made anew. */
const MOST_BEGUN_UNITS = 200;

/** A layout with the prefix first, and the text that it was made for. */
interface FixedLayout {
  readonly around: AroundHole;
  readonly budget: PromptBudget;
  readonly layout: PromptLayout;
}

/**
 * Lays out the text around a hole as one model was trained to read it.
 *
 * With the suffix first and the prefix last, a keystroke adds to the end of the token sequence and everything before it stays
 * cached. With the prefix first, what is typed since becomes the beginning of the middle, which stays cached as well.
 */
export class PromptFormat {
  readonly #data: PromptFormatData;
  readonly #tokenizer: Tokenizer;
  #last: FixedLayout | undefined;

  constructor(data: PromptFormatData, tokenizer: Tokenizer) {
    this.#data = data;
    this.#tokenizer = tokenizer;
  }

  /** Chooses what the model sees of the text around a hole. */
  layOut(around: AroundHole, budget: PromptBudget): PromptLayout {
    if (this.#data.order === "suffixFirst") return this.#suffixFirst(around, budget);
    const typed = this.#typedSince(around, budget);
    if (this.#last !== undefined && typed !== undefined) return { ...this.#last.layout, begun: this.#tokenizer.encode(typed) };
    const layout = this.#prefixFirst(around, budget);
    this.#last = { around, budget, layout };
    return layout;
  }

  #suffixFirst(around: AroundHole, budget: PromptBudget): PromptLayout {
    const { start, suffix, prefix, middle } = this.#data;
    const { before, after, inPrefix, ahead } = this.#parts(around, budget);
    const prompt = [...ahead, ...start, ...suffix, ...after, ...prefix, ...inPrefix, ...before];
    return { prompt, marker: middle, begun: [], around: prompt, suffixHead: after.slice(0, budget.suffixHeadTokens) };
  }

  #prefixFirst(around: AroundHole, budget: PromptBudget): PromptLayout {
    const { start, suffix, prefix, middle } = this.#data;
    const { before, after, inPrefix, ahead } = this.#parts(around, budget);
    const prompt = [...ahead, ...start, ...prefix, ...inPrefix, ...before, ...suffix, ...after];
    // Look-ups go on from the text right before the hole: the suffix, which stands between, comes first.
    const searched = [...ahead, ...suffix, ...after, ...prefix, ...inPrefix, ...before];
    return { prompt, marker: middle, begun: [], around: searched, suffixHead: after.slice(0, budget.suffixHeadTokens) };
  }

  /** What was typed since the last layout; undefined where something else changed, or much was typed. */
  #typedSince({ prefix, suffix, related }: AroundHole, budget: PromptBudget): string | undefined {
    if (this.#last === undefined) return undefined;
    const { around } = this.#last;
    const isSameElse =
      suffix === around.suffix &&
      JSON.stringify(related ?? []) === JSON.stringify(around.related ?? []) &&
      budget.promptTokens === this.#last.budget.promptTokens;
    const typed = prefix.startsWith(around.prefix) ? prefix.slice(around.prefix.length) : undefined;
    return isSameElse && typed !== undefined && typed.length <= MOST_BEGUN_UNITS ? typed : undefined;
  }

  /** Tokens of the prefix, of the suffix, and of other files: at the head of the prefix, or ahead of everything. */
  #parts(
    { prefix, suffix, related = [] }: AroundHole,
    { promptTokens, stepTokens = STEP_TOKENS }: PromptBudget,
  ): Record<"before" | "after" | "inPrefix" | "ahead", number[]> {
    const { start, suffix: suffixIds, prefix: prefixIds, related: form } = this.#data;
    const suffixBudget = Math.floor(promptTokens * SUFFIX_SHARE);
    const after = this.#tokenizer.encode(suffix.slice(0, suffixBudget * UNITS_PER_TOKEN)).slice(0, suffixBudget);
    const prefixBudget = promptTokens - after.length - start.length - suffixIds.length - prefixIds.length;
    const prefixTokens = this.#tokenizer.encode(anchoredEnd(prefix, prefixBudget * UNITS_PER_TOKEN));
    const excess = Math.max(0, prefixTokens.length - prefixBudget);
    const from = Math.min(prefixTokens.length, Math.ceil(excess / stepTokens) * stepTokens);
    const room = prefixBudget - prefixTokens.length;
    const before = prefixTokens.slice(from);
    if (form.form === "comment") {
      const inPrefix = lastThatFit(related, room, (each) => this.#tokenizer.encode(relatedPiece(each)));
      return { before, after, inPrefix, ahead: [] };
    }
    // The file with the hole follows as one more of them.
    const frame = [...form.repository, ...this.#tokenizer.encode("repository\n")];
    const file = ({ path, text }: RelatedText): number[] => [...form.file, ...this.#tokenizer.encode(`${path}\n${toLf(text)}`)];
    const fitting = lastThatFit(related, room - frame.length - form.file.length, file);
    return { before, after, inPrefix: [], ahead: fitting.length === 0 ? [] : [...frame, ...fitting, ...form.file] };
  }
}

/** Whole pieces only: a key then takes room from none of them, but for the rare one that leaves. */
function lastThatFit(pieces: readonly RelatedText[], room: number, encode: (piece: RelatedText) => number[]): number[] {
  const fitting: number[][] = [];
  let left = room;
  for (const piece of pieces.toReversed()) {
    if (left <= 0) break;
    const tokens = encode(piece);
    left -= tokens.length;
    if (left >= 0) fitting.unshift(tokens);
  }
  return fitting.flat();
}

/** The end of `text`, at most `units` long, beginning at a line start that moves only every quarter of `units`. */
function anchoredEnd(text: string, units: number): string {
  if (text.length <= units) return text;
  const step = Math.max(1, Math.floor(units / 4));
  const from = Math.ceil((text.length - units) / step) * step;
  const lineStart = text.indexOf("\n", from) + 1;
  return text.slice(lineStart > 0 && lineStart < from + step ? lineStart : from);
}
