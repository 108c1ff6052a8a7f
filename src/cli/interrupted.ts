/** Exit code of a command that Ctrl-C ended; what else interrupts has a code of its own in the end. */
export const INTERRUPTED_EXIT_CODE = 130;

/** Ends a command that did not come to its own end soon enough after Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("Interrupted.");
  }
}
