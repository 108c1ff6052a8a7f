/** Throws when an invariant of the program is broken: a bug, not a condition to handle. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
