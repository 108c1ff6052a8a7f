import { isSamePlace, type Place } from "../protocol/place.js";

/** Text that the engine gave for a place. */
export interface CachedText {
  readonly place: Place;
  readonly text: string;
  /** Whether the engine had said everything. */
  readonly isWhole: boolean;
}

export interface CacheHit {
  /** What is left of the text behind what was typed of it. */
  readonly text: string;
  readonly isWhole: boolean;
}

/** Closing characters that an editor adds by itself when their partner is typed. */
const ADDED_CLOSERS = /^[)\]}"'`>]+/;

/**
 * What is left of a text at a later place: behind the part that was typed, or accepted, meanwhile.
 *
 * @returns undefined when what was typed is not what the text says, or the place is another
 */
export function restOf({ place: earlier, text }: Omit<CachedText, "isWhole">, place: Place): string | undefined {
  if (place.uri !== earlier.uri || !place.prefix.startsWith(earlier.prefix)) return undefined;
  const typed = place.prefix.slice(earlier.prefix.length);
  if (!text.startsWith(typed) || typed.length >= text.length) return undefined;
  if (place.suffix === earlier.suffix) return text.slice(typed.length);
  const closers = ADDED_CLOSERS.exec(place.suffix)?.[0] ?? "";
  const isAdded = typed !== "" && closers.length <= typed.length && place.suffix.slice(closers.length) === earlier.suffix;
  return isAdded ? text.slice(typed.length) : undefined;
}

/** The latest texts of the engine, found again by place, by typing on and by accepting a part. */
export class SuggestionCache {
  readonly #limit: number;
  readonly #entries: CachedText[] = [];

  /** @param limit how many texts are kept */
  constructor(limit = 60) {
    this.#limit = limit;
  }

  put(entry: CachedText): void {
    if (entry.text === "") return;
    const same = this.#entries.findIndex(({ place }) => isSamePlace(place, entry.place));
    if (same !== -1) this.#entries.splice(same, 1);
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.shift();
  }

  /** The latest text that goes on from this place. */
  find(place: Place): CacheHit | undefined {
    for (const entry of this.#entries.toReversed()) {
      const text = restOf(entry, place);
      if (text !== undefined) return { text, isWhole: entry.isWhole };
    }
    return undefined;
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
