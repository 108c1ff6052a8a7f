import { counted } from "../base/counted.js";
import type { RaceReport, RacerReport } from "./raceReport.js";
import { gain } from "./gain.js";
import { sameness } from "./samenessWords.js";

/** A race in sentences, the same on every screen. */
export interface RaceWords {
  /** How fast drafted decoding was, or why that cannot be said. */
  readonly headline: string;
  /** The speeds, how they were measured, and which texts are the same. */
  readonly details: readonly string[];
}

/** Says what a race showed, and no more. */
export function raceWords(report: RaceReport): RaceWords {
  const { ar, deer, rounds, model, device, promptMs } = report;
  const reading = promptMs >= 1 ? `Reading the prompt took ${Math.round(promptMs)} ms and` : "Reading the prompt";
  const method = rounds === 1 ? "One round" : `Medians of ${rounds} rounds`;
  return {
    headline: headlineOf(report),
    details: [
      racerLine("With drafts", deer),
      racerLine("Without, one token a pass", ar),
      `${method} with ${model} (${device}). ${reading} is in neither speed.`,
      ...sameness(report),
    ],
  };
}

function headlineOf({ speedup, obstacle, speedupRange, rounds }: RaceReport): string {
  if (obstacle === "busy") return "The machine was too busy to compare";
  if (speedup === null || speedupRange === null) return "Too little was written here to compare";
  return gain(speedup, rounds === 1 ? undefined : speedupRange);
}

function racerLine(name: string, { tokensPerSecond, range, tokens, verifies }: RacerReport): string {
  const [slowest, fastest] = range.map(Math.round);
  const spread = slowest === fastest ? "" : ` (${slowest} to ${fastest})`;
  const work = `${counted(tokens, "token")} in ${counted(verifies, "pass", "passes")} of the verifier`;
  return `${name}: ${Math.round(tokensPerSecond)} tokens/s while writing${spread}, ${work}.`;
}
