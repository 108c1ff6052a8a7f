export const PLACE_KINDS = ["lineEnd", "middle", "comment", "prose"] as const;

/** What is written at a place; `middle`: code before other text of its line, `lineEnd`: other code. */
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** By kind of place, in [0, 1]. */
export type Bars = Readonly<Record<PlaceKind, number>>;

/** How likely the first line of a suggestion must be for it to be shown, as it was fitted to a model, by how sure one wants it to be. */
export interface SuggestionBars {
  readonly balanced: Bars;
  readonly sure: Bars;
}
