import type { CompleteResult } from "../protocol/messages.js";
import { median } from "../base/median.js";

/** Fewer tokens than this say nothing of speed. */
const LEAST_TOKENS = 4;
/** What measuring alone may add to a speed-up. */
const TOLERANCE = 1.1;

/** A race in sentences, with the numbers in them. */
export interface RaceSummary {
  /** Median speed with drafts over median speed without; undefined when too little was written, or the machine was busy. */
  readonly speedup: number | undefined;
  /** Such as "2.1x", or what stands in for it. */
  readonly headline: string;
  /** Whether the two wrote the same, and what was measured. */
  readonly details: readonly string[];
  readonly isIdentical: boolean;
  /** Median tokens per second. */
  readonly speeds: { readonly ar: number; readonly deer: number };
}

/**
 * Sums a race up.
 *
 * @param ar runs without drafts, at least one; @param deer as many with drafts
 * @param reference the same text rule without drafts, in passes as wide as a draft's; needed where the two texts differ
 */
export function raceSummary(ar: readonly CompleteResult[], deer: readonly CompleteResult[], reference: CompleteResult | undefined): RaceSummary {
  const [{ tokens, device, model }] = deer;
  const [plain, drafted] = [ar, deer].map((runs) => median(runs.map((run) => run.tokensPerSecond)));
  const speeds = { ar: plain, deer: drafted };
  const isPlainText = deer.every(({ text }) => text === ar[0].text);
  const isIdentical = isPlainText || deer.every(({ text }) => text === reference?.text);
  const isEnough = tokens >= LEAST_TOKENS && plain > 0;
  const speedup = isEnough ? drafted / plain : undefined;
  const rounds = `${deer.length} ${deer.length === 1 ? "round" : "rounds"}`;
  const details = [
    sameness(isPlainText, isIdentical),
    `${Math.round(drafted)} tokens/s with drafts, ${Math.round(plain)} without: medians of ${rounds} of ${tokens} tokens.`,
    `${tokensPerPass(deer[0]).toFixed(1)} tokens for each pass of ${model} (${device}).`,
  ];
  const common = { speedup, isIdentical, speeds };
  if (speedup !== undefined && isDisturbed(ar[0], deer[0], speedup)) {
    return { ...common, speedup: undefined, headline: "The machine was too busy to compare", details: [...details, rangesOf(ar, deer)] };
  }
  if (speedup === undefined) return { ...common, headline: "Too little was written here to compare", details: details.slice(0, 1) };
  return { ...common, headline: `${speedup.toFixed(1)}x`, details };
}

/** A pass that checks a draft is no faster than one over a single token, so drafts cannot gain more than they save passes. */
function isDisturbed(ar: CompleteResult, deer: CompleteResult, speedup: number): boolean {
  return speedup > (tokensPerPass(deer) / tokensPerPass(ar)) * TOLERANCE;
}

const tokensPerPass = ({ tokens, verifies }: CompleteResult): number => tokens / Math.max(1, verifies);

function rangesOf(ar: readonly CompleteResult[], deer: readonly CompleteResult[]): string {
  const range = (runs: readonly CompleteResult[]): string => [Math.min(...speedsOf(runs)), Math.max(...speedsOf(runs))].map(Math.round).join(" to ");
  return `Round by round: ${range(deer)} tokens/s with drafts, ${range(ar)} without.`;
}

const speedsOf = (runs: readonly CompleteResult[]): number[] => runs.map(({ tokensPerSecond }) => tokensPerSecond);

function sameness(isPlainText: boolean, isIdentical: boolean): string {
  if (isPlainText) return "The two texts are identical.";
  if (isIdentical) return "The drafted text is that of undrafted passes of the same width; passes of one token round a near-tie differently.";
  return "The two texts differ, which must not be: please report it.";
}
