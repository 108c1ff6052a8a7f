/** A text that may have been made shorter. */
export interface Trimmed {
  readonly text: string;
  /** Whether nothing that follows may be shown; not for an end that only waits for more text. */
  readonly isCut: boolean;
}
