/** First argument of an engine that windows share; the folder where they meet and the key of the engine follow. */
export const SHARED = "shared";

/** What an engine that windows share tells the one who started it, before it closes the channel between the two. */
export interface SharedStart {
  /** `taken`: there is such an engine already, and this one ends. */
  readonly door: "open" | "taken";
}
