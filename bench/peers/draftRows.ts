import { spreadOf, type Spread } from "../library/spread.js";
import type { PeerKind, WrittenText } from "./peerModel.js";

/** Fewer tokens than this are too few to time. */
const MIN_TOKENS = 16;

/** All racers at one place. */
export interface DraftRow {
  readonly place: string;
  readonly file: string;
  readonly runs: Readonly<Record<string, WrittenText>>;
}

/** Of one racer over the places where all wrote enough to be timed. */
export interface DraftSummary {
  readonly racer: string;
  readonly msPerToken: Spread | undefined;
  /** Of drafted tokens that were looked at; undefined without any. */
  readonly acceptedShare: number | undefined;
}

/** How much faster one racer is than another at the same place. */
export interface DraftRatio {
  readonly racer: string;
  readonly over: string;
  readonly ratio: Spread | undefined;
}

/** The engines, each without drafts and with its own. */
export const draftRacersOf = (kinds: readonly PeerKind[]): string[] => kinds.flatMap((kind) => [kind, `${kind} drafts`]);

/** Sums up rows. @returns `sameText`: by engine, the share of places at which it wrote the same with drafts and without */
export function summarizeDrafts(
  racers: readonly string[],
  rows: readonly DraftRow[],
): { summaries: DraftSummary[]; ratios: DraftRatio[]; sameText: Record<string, number> } {
  const timed = rows.filter(({ runs }) => racers.every((racer) => runs[racer].tokens.length >= MIN_TOKENS));
  const msOf = ({ runs }: DraftRow, racer: string): number => runs[racer].ms / runs[racer].tokens.length;
  const fileOf = ({ file }: DraftRow): string => file;
  const summaries = racers.map((racer) => {
    const runs = rows.map((row) => row.runs[racer]);
    const drafted = runs.reduce((sum, run) => sum + run.drafted, 0);
    const accepted = runs.reduce((sum, run) => sum + run.accepted, 0);
    const acceptedShare = drafted === 0 ? undefined : accepted / drafted;
    return { racer, msPerToken: spreadOf(timed, fileOf, (row) => msOf(row, racer)), acceptedShare };
  });
  const pairs = racers.flatMap((racer) => racers.filter((over) => over !== racer && !over.endsWith("drafts")).map((over) => ({ racer, over })));
  const ratios = pairs.map(({ racer, over }) => ({ racer, over, ratio: spreadOf(timed, fileOf, (row) => msOf(row, over) / msOf(row, racer)) }));
  const plain = racers.filter((racer) => racers.includes(`${racer} drafts`));
  const isSame = ({ runs }: DraftRow, racer: string): boolean => String(runs[racer].tokens) === String(runs[`${racer} drafts`].tokens);
  const sameText = Object.fromEntries(plain.map((racer) => [racer, rows.filter((row) => isSame(row, racer)).length / Math.max(1, rows.length)]));
  return { summaries, ratios, sameText };
}
