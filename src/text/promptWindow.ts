import type { Tokenizer } from "./tokenizer.js";

/** The ids that give a prompt its form. */
export interface PromptIds {
  readonly fimSuffix: number;
  readonly fimPrefix: number;
}

/** Tokens around a hole, ready for both models. */
export interface Prompt {
  /** `fimSuffix suffix fimPrefix [related] prefix`: what is typed or accepted extends it at its end. */
  readonly tokens: readonly number[];
  /** The first tokens after the hole, for the end of an infilling canvas. */
  readonly suffixHead: readonly number[];
}

/** At most this share of the window goes to the suffix. */
const SUFFIX_SHARE = 0.3;
/** The start of the prefix moves in steps of this many tokens, so that typing leaves the cached tokens in place. */
const STEP_TOKENS = 64;
/** More characters per token than any ordinary code has: bounds how much text is tokenized. */
const UNITS_PER_TOKEN = 8;

/**
 * Chooses what the models see of the text around a hole.
 *
 * The suffix comes first and the prefix last: a keystroke then adds to the end of the token sequence and
 * everything before it stays cached.
 *
 * @param prefix text before the hole, LF line ends; @param suffix text after it
 * @param budgetTokens how long the prompt may be, special tokens included; at least 16
 * @param suffixHeadTokens how many suffix tokens `suffixHead` holds at most
 * @param related pieces of other files, each of whole lines: as many of the last ones as fit beside the text around the hole
 */
export function promptWindow(
  tokenizer: Tokenizer,
  ids: PromptIds,
  prefix: string,
  suffix: string,
  budgetTokens: number,
  suffixHeadTokens: number,
  related: readonly string[] = [],
): Prompt {
  const suffixBudget = Math.floor(budgetTokens * SUFFIX_SHARE);
  const suffixTokens = tokenizer.encode(suffix.slice(0, suffixBudget * UNITS_PER_TOKEN)).slice(0, suffixBudget);
  const prefixBudget = budgetTokens - suffixTokens.length - 2;
  const prefixTokens = tokenizer.encode(anchoredEnd(prefix, prefixBudget * UNITS_PER_TOKEN));
  const excess = Math.max(0, prefixTokens.length - prefixBudget);
  const from = Math.min(prefixTokens.length, Math.ceil(excess / STEP_TOKENS) * STEP_TOKENS);
  const relatedTokens = lastThatFit(tokenizer, related, prefixBudget - prefixTokens.length);
  return {
    tokens: [ids.fimSuffix, ...suffixTokens, ids.fimPrefix, ...relatedTokens, ...prefixTokens.slice(from)],
    suffixHead: suffixTokens.slice(0, suffixHeadTokens),
  };
}

/** Whole pieces only: a key then takes room from none of them, but for the rare one that leaves. */
function lastThatFit(tokenizer: Tokenizer, pieces: readonly string[], room: number): number[] {
  const fitting: number[][] = [];
  let left = room;
  for (const piece of pieces.toReversed()) {
    if (left <= 0) break;
    const tokens = tokenizer.encode(piece);
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
