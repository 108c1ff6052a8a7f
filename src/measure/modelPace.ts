import { median } from "../base/median.js";

/** How long somebody waits for a model's text, in ms; medians over several places. */
export interface ModelPace {
  /** After a key at a place that was read. */
  readonly keyMs: number;
  /** After the cursor was put elsewhere. */
  readonly jumpMs: number;
}

/** Keys that are typed at each place. */
const KEYS = 4;

/**
 * Types the last characters in front of each place again, and times the first text at the first of them, whose surroundings have to be
 * read, and at the others.
 *
 * @param firstTextMs asks for text between a prefix and a suffix; resolves to how long its first text took, or its end where it has none
 * @param offsets places in `text`, each behind `KEYS` characters at least, and far from each other
 * @returns undefined where there are no places, or it was stopped
 */
export async function modelPace(
  firstTextMs: (prefix: string, suffix: string) => Promise<number>,
  text: string,
  offsets: readonly number[],
  isStopped: () => boolean,
): Promise<ModelPace | undefined> {
  const [jumps, keys]: [number[], number[]] = [[], []];
  for (const offset of offsets) {
    for (let left = KEYS; left >= 0; left -= 1) {
      const ms = await firstTextMs(text.slice(0, offset - left), text.slice(offset));
      if (isStopped()) return undefined;
      (left === KEYS ? jumps : keys).push(ms);
    }
  }
  return jumps.length === 0 ? undefined : { keyMs: median(keys), jumpMs: median(jumps) };
}
