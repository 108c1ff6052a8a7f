import { errorsOf, mostError, reasonOf, type ReaderRecord } from "./deviceTrial.js";

/** What a reader says of canvases, copied. */
export interface CanvasScores {
  /** [rows, classes] */
  readonly logits: Float32Array;
  /** [rows] */
  readonly certainty: Float32Array;
}

/** A reader at one place, behind a verifier that has read something there. */
export interface ReaderSubject {
  readonly classes: number;
  /** A draft of so many slots behind the first `past` tokens. What the cache holds from there on may be lost. */
  draft(past: number, slots: number): Promise<CanvasScores>;
  /** Two canvases of so many undecided slots each, side by side. */
  infill(past: number, slots: number): Promise<CanvasScores>;
}

export interface ReaderSubjects {
  /** On the processor, its inputs not rounded to 8 bits. */
  readonly unrounded: ReaderSubject;
  /** On the processor, as it is used. */
  readonly processor: ReaderSubject;
  /** Undefined where the runtime refuses it there. */
  readonly device: ReaderSubject | undefined;
}

const DRAFT_SLOTS = 8;
/** Two of these are wider than any pass over which attention of a device was found wrong. */
const INFILL_SLOTS = 20;

/**
 * Compares a reader on a device with the processor's, in both roles and behind several lengths. Does not throw for what the device does.
 *
 * @param depths how many tokens canvases stand behind, ascending, all of them read
 * @param hasTime whether others than the longest are looked at
 */
export async function tryReader(
  { unrounded, processor, device }: ReaderSubjects,
  depths: readonly number[],
  at: (what: string) => void,
  hasTime: () => boolean = () => true,
): Promise<ReaderRecord> {
  if (device === undefined) return { isRight: false, detail: "the runtime refuses it" };
  let worst = 0;
  try {
    // The deepest first: a canvas may overwrite what comes behind it.
    for (const past of depths.toReversed()) {
      if (past !== depths.at(-1) && !hasTime()) break;
      for (const [name, slots] of [["draft", DRAFT_SLOTS], ["infill", INFILL_SLOTS]] as const) {
        at(`a pass of the reader after ${past} tokens`);
        const expected = await unrounded[name](past, slots);
        const error = (found: CanvasScores): number =>
          Math.max(
            ...errorsOf(found.logits, expected.logits, unrounded.classes),
            ...errorsOf(found.certainty, expected.certainty, expected.certainty.length),
          );
        worst = Math.max(worst, error(await processor[name](past, slots)));
        const found = error(await device[name](past, slots));
        // Not `found > most`: NaN must fail.
        if (!(found <= mostError(worst))) {
          return { isRight: false, detail: `what it says of ${name}s is off by ${found.toFixed(2)} deviations after ${past} tokens` };
        }
      }
    }
    return { isRight: true, detail: `compared after up to ${depths.at(-1) ?? 0} tokens` };
  } catch (error) {
    return { isRight: false, detail: reasonOf(error) };
  }
}
