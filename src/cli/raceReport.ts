import { median } from "../base/median.js";
import type { CompleteResult } from "../protocol/messages.js";

/** What a race measured of one decoder. Speeds in tokens per second: the median of the rounds, and the slowest and the fastest. */
export interface RacerReport {
  readonly tokensPerSecond: number;
  readonly range: readonly [number, number];
  readonly tokens: number;
  readonly verifies: number;
}

export interface RaceReport {
  /** The drafted text is the reference's: same rule, padded passes, no drafts. */
  readonly identical: boolean;
  /** The drafted text is also that of the one-token passes, whose arithmetic rounds differently. */
  readonly identicalToPlain: boolean;
  /** Median speed of DEER over median speed of AR; null when there was nothing to write. */
  readonly speedup: number | null;
  readonly ar: RacerReport;
  readonly deer: RacerReport & {
    /** Tokens per verify: accepted drafts and the verifier's own token. */
    readonly meanAccepted: number;
    readonly draftedTokens: number;
    readonly acceptedDraftTokens: number;
    readonly blocks: readonly number[];
  };
  readonly rounds: number;
  readonly tokens: number;
  readonly text: string;
  readonly model: string;
  readonly device: string;
}

/** The finished runs of one race, all on the same prompt at temperature 0. */
export interface RaceRuns {
  readonly reference: CompleteResult;
  readonly ar: readonly CompleteResult[];
  readonly deer: readonly CompleteResult[];
}

/** Sums a race up. @param runs at least one of each; every round must have given the first round's text to count as identical */
export function raceReport({ reference, ar, deer }: RaceRuns): RaceReport {
  const [first] = deer;
  const arReport = racerReport(ar);
  const deerReport = racerReport(deer);
  const speedup = deerReport.tokensPerSecond / arReport.tokensPerSecond;
  return {
    identical: deer.every((run) => run.text === reference.text),
    identicalToPlain: deer.every((run) => ar.every((plain) => plain.text === run.text)),
    speedup: Number.isFinite(speedup) && speedup > 0 ? speedup : null,
    ar: arReport,
    deer: {
      ...deerReport,
      meanAccepted: first.verifies === 0 ? 0 : first.tokens / first.verifies,
      draftedTokens: first.drafted,
      acceptedDraftTokens: first.accepted,
      blocks: first.blocks,
    },
    rounds: deer.length,
    tokens: first.tokens,
    text: first.text,
    model: first.model,
    device: first.device,
  };
}

/** The report in a line, such as "speed-up 1.9x  (DEER 412 tok/s against AR 215 tok/s, 3.1 tokens a verify, identical text)". */
export function raceReadout({ speedup, identical, ar, deer }: RaceReport): string {
  if (speedup === null) return "no speed-up to tell  (the models wrote nothing here)";
  const speeds = `DEER ${Math.round(deer.tokensPerSecond)} tok/s against AR ${Math.round(ar.tokensPerSecond)} tok/s`;
  const text = identical ? "identical text" : "the text differs from the reference";
  return `speed-up ${speedup.toFixed(1)}x  (${speeds}, ${deer.meanAccepted.toFixed(1)} tokens a verify, ${text})`;
}

function racerReport(runs: readonly CompleteResult[]): RacerReport {
  const speeds = runs.map((run) => run.tokensPerSecond);
  const [{ tokens, verifies }] = runs;
  return { tokensPerSecond: median(speeds), range: [Math.min(...speeds), Math.max(...speeds)], tokens, verifies };
}
