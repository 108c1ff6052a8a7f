import { isSamePlace, type Place } from "../protocol/place.js";
import type { PlaceKind } from "../protocol/suggestionBars.js";
import { presentable, type Presentable } from "./presentable.js";
import { placeKind } from "./placeKind.js";
import type { TextRefusal } from "./trims.js";
import { mostLinesOf, suggestionExtent, type SuggestionExtent } from "./suggestionExtent.js";
import { surroundingsOf, type Surroundings } from "./surroundings.js";
import { isInsideWord } from "./words.js";

interface Presented {
  readonly text: string;
  readonly isEnded: boolean;
  readonly shown: Presentable | TextRefusal;
}

/** What may be shown at one place: what stands around it is read once, and a text is trimmed once. */
export class Presenter {
  readonly #place: Place;
  readonly #isManual: boolean;
  readonly #present: typeof presentable;
  readonly #around: Surroundings;
  readonly #extent: SuggestionExtent;
  #latest: Presented | undefined;

  /** @param isManual whether a person asked for it */
  constructor(place: Place, isManual: boolean, present: typeof presentable) {
    this.#place = place;
    this.#isManual = isManual;
    this.#present = present;
    this.#around = surroundingsOf(place.prefix, place.suffix, place.languageId);
    this.#extent = suggestionExtent(this.#around, isManual);
  }

  isAt(place: Place, isManual: boolean): boolean {
    return isManual === this.#isManual && (place === this.#place || isSamePlace(place, this.#place));
  }

  /** Whether something may be shown at all, whatever the text. */
  get isOpen(): boolean {
    return !isInsideWord(this.#around);
  }

  get kind(): PlaceKind {
    return placeKind(this.#around, this.#place.languageId);
  }

  /** The most lines that may be shown of a text, as far as its beginning tells. */
  mostLines(text: string): number {
    return mostLinesOf(this.#extent, this.#around, text);
  }

  /** What may be shown of a text, or why nothing may. @param isEnded whether no more of it comes */
  present(text: string, isEnded: boolean): Presentable | TextRefusal {
    if (this.#latest?.text !== text || this.#latest.isEnded !== isEnded) {
      const shown = this.#present(text, this.#around, { extent: this.#extent, isWhole: isEnded });
      this.#latest = { text, isEnded, shown };
    }
    return this.#latest.shown;
  }
}

/** The presenters of the places that were asked for last. */
export class Presenters {
  readonly #present: typeof presentable;
  #latest: readonly Presenter[] = [];

  /** @param present what trims a text */
  constructor(present: typeof presentable = presentable) {
    this.#present = present;
  }

  at(place: Place, isManual: boolean): Presenter {
    const known = this.#latest.find((each) => each.isAt(place, isManual));
    if (known !== undefined) return known;
    const made = new Presenter(place, isManual, this.#present);
    // One more than is needed: whoever waits at the place before asks once more.
    this.#latest = [made, ...this.#latest.slice(0, 1)];
    return made;
  }
}
