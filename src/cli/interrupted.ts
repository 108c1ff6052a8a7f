/** Exit code of a command that Ctrl-C ended. */
export const INTERRUPTED_EXIT_CODE = 130;

/** Ends a command that did not come to its own end soon enough after Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("Interrupted.");
  }
}
