/** Why a real editor cannot run here, and what the person at the keyboard can do. */
export class EditorUnavailable extends Error {
  readonly reason: string;

  constructor(reason: string, cause?: unknown) {
    super(`The tests in a real editor cannot run here: ${reason} LACUNA_SKIP_EDITOR_TESTS=1 leaves them out, except in CI.`, { cause });
    this.reason = reason;
  }
}
