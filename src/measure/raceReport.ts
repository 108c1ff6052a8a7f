import { median } from "../base/median.js";
import { assert } from "../base/assert.js";
import type { CompleteResult } from "../protocol/messages.js";
import { DRAFTED, ONE_TOKEN, type RaceRuns } from "./race.js";
import { speedup } from "./speedup.js";
import { compareTexts } from "./textComparison.js";

/** Fewer tokens than this say nothing of speed. */
const LEAST_TOKENS = 4;
/** What measuring alone may add to a speed-up. */
const TOLERANCE = 1.1;

/** What a race measured of one decoder. Speeds in tokens per second while writing, the reading of the prompt left out. */
export interface RacerReport {
  /** The median of the rounds. */
  readonly tokensPerSecond: number;
  /** The slowest round and the fastest. */
  readonly range: readonly [number, number];
  readonly tokens: number;
  /** Passes of the verifier. */
  readonly verifies: number;
  readonly text: string;
}

/** A race in numbers; `null` where there is nothing to say, so that it can be printed as JSON. */
export interface RaceReport {
  /** As `measure/speedup` defines it; null when too little was written or the machine was too busy. */
  readonly speedup: number | null;
  /** Why there is no speed-up. */
  readonly obstacle: "short" | "busy" | null;
  /** Of the round that gained least, and of the one that gained most; as `speedup`. */
  readonly speedupRange: readonly [number, number] | null;
  /** The drafted text is that of undrafted decoding in the same passes, in every run. */
  readonly lossless: boolean;
  /** How many drafted texts were compared for that. */
  readonly compared: number;
  /** The drafted text and that of one-token decoding are the same. */
  readonly identical: boolean;
  /** The first token, counted from 1, at which they are not. */
  readonly plainDiffersFrom: number | null;
  /** One token a pass. */
  readonly ar: RacerReport;
  /** With drafts. */
  readonly deer: RacerReport & {
    /** Tokens a pass of the verifier: accepted drafts and the verifier's own token. */
    readonly meanAccepted: number;
    readonly draftedTokens: number;
    readonly acceptedDraftTokens: number;
    readonly blocks: readonly number[];
  };
  readonly rounds: number;
  readonly tokens: number;
  readonly text: string;
  /** What the one run that read the prompt took for it. */
  readonly promptMs: number;
  readonly model: string;
  readonly device: string;
}

/** Sums up a race of `ONE_TOKEN` and `DRAFTED` that was compared. */
export function raceReport({ undrafted, shown, timed }: RaceRuns): RaceReport {
  const ofRacer = (runs: RaceRuns["timed"], name: string): readonly CompleteResult[] => runs[name] ?? [];
  const [plain, drafted] = [ofRacer(timed, ONE_TOKEN.name), ofRacer(timed, DRAFTED.name)];
  const [shownPlain, shownDrafted] = [ofRacer(shown, ONE_TOKEN.name), ofRacer(shown, DRAFTED.name)];
  const [first] = drafted;
  assert(first !== undefined && plain.length > 0 && undrafted !== undefined, "a race without rounds, or without anything to compare it with");
  const { isLossless, compared, plainDiffersFrom } = compareTexts([...shownPlain, ...plain], [...shownDrafted, ...drafted], undrafted);
  const [ar, deer] = [racerReport(plain), racerReport(drafted)];
  const speeds = { plain: plain.map(writingSpeed), drafted: drafted.map(writingSpeed) };
  const ratio = first.tokens >= LEAST_TOKENS ? speedup([speeds]) : undefined;
  const obstacle = ratio === undefined ? "short" : isDisturbed(ar, deer, ratio) ? "busy" : null;
  return {
    speedup: obstacle === null ? (ratio ?? null) : null,
    obstacle,
    speedupRange: obstacle === null ? rangeOf(roundByRound(speeds.plain, speeds.drafted)) : null,
    lossless: isLossless,
    compared,
    identical: plainDiffersFrom === undefined,
    plainDiffersFrom: plainDiffersFrom ?? null,
    ar,
    deer: {
      ...deer,
      meanAccepted: tokensAPass(deer),
      draftedTokens: first.drafted,
      acceptedDraftTokens: first.accepted,
      blocks: first.blocks,
    },
    rounds: drafted.length,
    tokens: first.tokens,
    text: first.text,
    promptMs: Math.max(...[...shownPlain, ...shownDrafted, undrafted, ...plain, ...drafted].map(({ promptMs }) => promptMs)),
    model: first.model,
    device: first.device,
  };
}

const writingSpeed = ({ tokensPerSecond }: CompleteResult): number => tokensPerSecond;

const tokensAPass = ({ tokens, verifies }: RacerReport): number => tokens / Math.max(1, verifies);

/** A pass that checks a draft is no faster than one over a single token, so drafts cannot gain more than the passes they save. */
function isDisturbed(ar: RacerReport, deer: RacerReport, ratio: number): boolean {
  return ratio > (tokensAPass(deer) / tokensAPass(ar)) * TOLERANCE;
}

function roundByRound(plain: readonly number[], drafted: readonly number[]): number[] {
  return plain.flatMap((speed, round) => speedup([{ plain: [speed], drafted: drafted.slice(round, round + 1) }]) ?? []);
}

const rangeOf = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)];

function racerReport(runs: readonly CompleteResult[]): RacerReport {
  const [{ tokens, verifies, text }] = runs;
  const speeds = runs.map(writingSpeed);
  return { tokensPerSecond: median(speeds), range: rangeOf(speeds), tokens, verifies, text };
}
