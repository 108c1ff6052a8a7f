import type { TokenLikelihood } from "../protocol/messages.js";
import { isSamePlace, type Place } from "../protocol/place.js";
import { lfLength, likelihoodsAfter } from "./likelihood.js";
import type { Presentable } from "./presentable.js";

/** Text that the engine gave for a place. */
export interface StoredText {
  readonly place: Place;
  readonly text: string;
  /** How likely its tokens are, as far as it is known; see `TokenLikelihood`. */
  readonly likelihoods: readonly TokenLikelihood[];
  /**
   * It is all that there is for whoever shows at most so many lines: Infinity when the engine came to an end, 0 when it was cut off
   * anywhere.
   */
  readonly wholeLines: number;
  /** The same object for a text and all that goes on from it. */
  readonly standing: Standing;
}

/** What has become of a text. */
export interface Standing {
  /** Whether some of it was shown: then the rest of it is not held back. */
  isShown: boolean;
}

/** What is left of a text behind what was typed of it. */
export type Remainder = Omit<StoredText, "place">;

/** Closing characters that an editor adds by itself when their partner is typed. */
const ADDED_CLOSERS = /^[)\]}"'`>]+/;

/**
 * What is left of a text at a later place: behind the part that was typed, or accepted, meanwhile.
 *
 * @returns undefined when what was typed is not what the text says, or the place is another
 */
export function restOf({ place: earlier, text }: Pick<StoredText, "place" | "text">, place: Place): string | undefined {
  if (place.uri !== earlier.uri || !place.prefix.startsWith(earlier.prefix)) return undefined;
  const typed = place.prefix.slice(earlier.prefix.length);
  if (!text.startsWith(typed) || typed.length >= text.length) return undefined;
  if (place.suffix === earlier.suffix) return text.slice(typed.length);
  const closers = ADDED_CLOSERS.exec(place.suffix)?.[0] ?? "";
  const isAdded = typed !== "" && closers.length <= typed.length && place.suffix.slice(closers.length) === earlier.suffix;
  return isAdded ? text.slice(typed.length) : undefined;
}

/** The same with what is known of it; of a text without characters, at its own place, itself. */
export function remainderAt(stored: StoredText, place: Place): Remainder | undefined {
  const rest = restOf(stored, place) ?? (isSamePlace(stored.place, place) ? stored.text : undefined);
  if (rest === undefined) return undefined;
  const typed = stored.text.slice(0, stored.text.length - rest.length);
  const likelihoods = likelihoodsAfter(stored.likelihoods, lfLength(typed));
  return { text: rest, likelihoods, wholeLines: stored.wholeLines - lineEndsIn(typed), standing: stored.standing };
}

export function lineEndsIn(text: string): number {
  return text.split("\n").length - 1;
}

/** The latest texts of the engine, found again by place, by typing on and by accepting a part; and other texts for a place. */
export class SuggestionStore {
  readonly #limit: number;
  readonly #entries: StoredText[] = [];
  #others: { readonly place: Place; readonly texts: readonly Presentable[] } | undefined;

  /** @param limit how many texts are kept */
  constructor(limit = 60) {
    this.#limit = limit;
  }

  /** Keeps a text; one that is empty only when the engine meant it. */
  put(entry: StoredText): void {
    if (entry.text === "" && entry.wholeLines === 0) return;
    const same = this.#entries.findIndex(({ place }) => isSamePlace(place, entry.place));
    if (same !== -1) this.#entries.splice(same, 1);
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.shift();
  }

  /** The latest text that goes on from this place. */
  find(place: Place): Remainder | undefined {
    for (const entry of this.#entries.toReversed()) {
      const found = remainderAt(entry, place);
      if (found !== undefined) return found;
    }
    return this.#findOther(place);
  }

  /** Another text that was shown goes on where it is typed, too. */
  #findOther(place: Place): Remainder | undefined {
    const { place: earlier, texts = [] } = this.#others ?? {};
    if (earlier === undefined || isSamePlace(earlier, place)) return undefined;
    for (const { text } of texts) {
      const found = remainderAt({ place: earlier, text, likelihoods: [], wholeLines: Infinity, standing: { isShown: true } }, place);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Keeps other texts for a place; those of one place at a time. */
  putOthers(place: Place, texts: readonly Presentable[]): void {
    this.#others = { place, texts };
  }

  othersAt(place: Place): readonly Presentable[] | undefined {
    return this.#others !== undefined && isSamePlace(this.#others.place, place) ? this.#others.texts : undefined;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#others = undefined;
  }
}
