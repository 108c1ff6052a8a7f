import { isSamePlace, type Place } from "../protocol/place.js";
import type { Clock } from "./clock.js";

/** So long a cursor rests before its place is read: keys that are held down move it several times as fast. */
const REST_MS = 250;

export interface ReadingAheadOptions {
  /** Reads what a completion at a place would have to read. @returns whether all of it is read. @throws where the engine is lost */
  readonly read: (place: Place, signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
}

/** Has the place read where the cursor rests, before a key is pressed there. At most one place at a time, the latest. */
export class ReadingAhead {
  readonly #options: ReadingAheadOptions;
  #abort = new AbortController();
  /** The place that was read or asked for last. */
  #known: Place | undefined;

  constructor(options: ReadingAheadOptions) {
    this.#options = options;
  }

  /** The cursor may be at another place. @param placeThere says, once it rests, where; undefined: nothing is to be read */
  async moved(placeThere: () => Place | undefined): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    await this.#options.clock.wait(REST_MS);
    const place = signal.aborted ? undefined : placeThere();
    if (place === undefined || (this.#known !== undefined && isSamePlace(place, this.#known))) return;
    try {
      if (await this.#options.read(place, signal)) this.#known = place;
    } catch {
      // Nobody waits for it; the next request says what is wrong.
    }
  }

  /** A place is asked for, and read for that. */
  asked(place: Place): void {
    this.stop();
    this.#known = place;
  }

  /** Nothing is read any more until the cursor moves again. */
  stop(): void {
    this.#abort.abort();
  }
}
