const LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const KEYS = ["passed", "failed", "skipped"];

/** What several runs come to. */
export const sumOf = (parts) => Object.fromEntries(KEYS.map((key) => [key, parts.reduce((total, part) => total + (part[key] ?? 0), 0)]));

/** The last line of a run. */
export const totalsLine = ({ passed, failed, skipped = 0 }) => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

/** What the last line of a run says; undefined when it is another line. */
export function readTotals(line) {
  const match = LINE.exec(line.trim());
  return match === null ? undefined : Object.fromEntries(KEYS.map((key, index) => [key, Number(match[index + 1] ?? 0)]));
}
