import { median } from "../../src/base/median.js";
import type { Racer } from "../../src/measure/race.js";
import { speedup } from "../../src/measure/speedup.js";
import { BASELINE, type SpeedRow, type SpeedRun } from "./speedTrial.js";
import { spreadOf, type Spread } from "./spread.js";

/** Of one racer in one context at one temperature. */
export interface RacerSummary {
  readonly racer: string;
  readonly tokens: number;
  readonly tokensPerSecond: Spread | undefined;
  /** The speed-up on each prompt, as `measure/speedup` defines it. */
  readonly ratio: Spread | undefined;
  readonly tokensPerVerify: number;
  /** How many verifies gave 0, 1, 2 ... tokens. */
  readonly verifiesByTokens: readonly number[];
  /** Mean length of the drafts that were made. */
  readonly meanDraft: number;
  /** Milliseconds a token. */
  readonly stages: { readonly draft: number; readonly verify: number; readonly other: number };
  /** At temperature 0: prompts on which some run's tokens were not those of the reference. */
  readonly promptsThatDiffer: number | undefined;
}

/** "auto" against the fixed draft length that was fastest on the same prompt, which nobody knows beforehand. */
export interface Hindsight {
  /** Speed of "auto" over speed of the best. */
  readonly ratio: Spread;
  /** The fixed length with the highest median speed over all prompts. */
  readonly bestOverall: string;
  /** Prompts by the racer that was best on them. */
  readonly bestByPrompt: Readonly<Record<string, number>>;
}

export interface SpeedGroup {
  readonly context: number;
  readonly temperature: number;
  readonly prompts: number;
  /** Prompts left out of speeds and ratios: a racer wrote too little there to be timed. */
  readonly shortPrompts: number;
  /** Tokens that the reference wrote, which were compared; 0 when sampling. */
  readonly referenceTokens: number;
  readonly racers: readonly RacerSummary[];
  readonly hindsight: Hindsight | undefined;
}

/** Fewer tokens than this are too few to time. */
const MIN_TOKENS = 16;
const AUTO = "deer:auto";

const speedsOn = (row: SpeedRow, racer: string): number[] => row.runs[racer].map(({ tokensPerSecond }) => tokensPerSecond);

/** The median of a racer's rounds on one prompt, in tokens per second. */
export const speedOn = (row: SpeedRow, racer: string): number => median(speedsOn(row, racer));

/** Of a racer that wrote something, over the baseline, which did too. */
const speedupOn = (row: SpeedRow, racer: string): number => speedup([{ plain: speedsOn(row, BASELINE), drafted: speedsOn(row, racer) }]) ?? NaN;

/** Prompts on which every racer wrote enough to be timed. */
export const timedRows = (rows: readonly SpeedRow[]): SpeedRow[] =>
  rows.filter(({ runs }) => Object.values(runs).every((each) => each.every(({ tokens }) => tokens >= MIN_TOKENS)));

/** Sums up the rows of one context and temperature. */
export function summarizeSpeed(racers: readonly Racer[], rows: readonly SpeedRow[]): SpeedGroup {
  const timed = timedRows(rows);
  const fixed = racers.filter(({ decoder, block }) => decoder === "deer" && block !== "auto").map(({ name }) => name);
  const hasAuto = racers.some(({ name }) => name === AUTO);
  return {
    context: rows[0].context,
    temperature: rows[0].temperature,
    prompts: rows.length,
    shortPrompts: rows.length - timed.length,
    referenceTokens: rows.reduce((total, row) => total + (row.referenceTokens ?? 0), 0),
    racers: racers.map(({ name }) => summarizeRacer(name, rows, timed)),
    hindsight: hasAuto && fixed.length > 0 && timed.length > 0 ? hindsightOf(fixed, timed) : undefined,
  };
}

function summarizeRacer(racer: string, rows: readonly SpeedRow[], timed: readonly SpeedRow[]): RacerSummary {
  const runs = rows.flatMap((row) => row.runs[racer]);
  const sum = (valueOf: (run: SpeedRun) => number): number => runs.reduce((total, run) => total + valueOf(run), 0);
  const tokens = sum((run) => run.tokens);
  const blocks = runs.flatMap((run) => run.blocks);
  const drafts = runs.flatMap((run) => run.drafts).filter((length) => length > 0);
  const isChecked = runs.every(({ isReference }) => isReference !== undefined);
  const fileOf = (row: SpeedRow): string => row.file;
  return {
    racer,
    tokens,
    tokensPerSecond: spreadOf(timed, fileOf, (row) => speedOn(row, racer)),
    ratio: spreadOf(timed, fileOf, (row) => speedupOn(row, racer)),
    tokensPerVerify: blocks.length === 0 ? 0 : tokens / blocks.length,
    verifiesByTokens: Array.from({ length: Math.max(0, ...blocks) + 1 }, (_, count) => blocks.filter((block) => block === count).length),
    meanDraft: drafts.length === 0 ? 0 : drafts.reduce((total, length) => total + length, 0) / drafts.length,
    stages: {
      draft: sum((run) => run.stages.draftMs) / Math.max(1, tokens),
      verify: sum((run) => run.stages.verifyMs) / Math.max(1, tokens),
      other: sum((run) => run.stages.otherMs) / Math.max(1, tokens),
    },
    promptsThatDiffer: isChecked ? rows.filter((row) => row.runs[racer].some(({ isReference }) => isReference === false)).length : undefined,
  };
}

function hindsightOf(fixed: readonly string[], rows: readonly SpeedRow[]): Hindsight {
  const best = (speedOf: (racer: string) => number): string =>
    fixed.reduce((fastest, racer) => (speedOf(racer) > speedOf(fastest) ? racer : fastest));
  const bestByPrompt: Record<string, number> = {};
  for (const row of rows) {
    const racer = best((each) => speedOn(row, each));
    bestByPrompt[racer] = (bestByPrompt[racer] ?? 0) + 1;
  }
  const ratio = (row: SpeedRow): number => speedOn(row, AUTO) / Math.max(...fixed.map((racer) => speedOn(row, racer)));
  return {
    ratio: spreadOf(rows, ({ file }) => file, ratio) as Spread,
    bestOverall: best((racer) => median(rows.map((row) => speedOn(row, racer)))),
    bestByPrompt,
  };
}
