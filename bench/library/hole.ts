/** A piece of a source file that is cut out. */
export interface Hole {
  readonly kind: "statement" | "block";
  /** UTF-16 units: from the first character behind the indentation to behind the last one, without the line break. */
  readonly start: number;
  readonly end: number;
}
