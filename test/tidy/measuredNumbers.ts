/** What a number may be measured in. */
const UNIT = "x|×|%|ms|s|seconds?|minutes?|tok/s|tokens?|passes|MB|MiB|GB|keystrokes|mismatch(?:es)?|places|prompts|rows|holes|times";
/** A number with a unit, a share of a count, or a number with decimals. */
const MEASURED = new RegExp(`(?<![\\w.,:/-])(\\d[\\d,]*(?:\\.\\d+)?\\s?(?:${UNIT})(?![\\w/])|\\d[\\d,]* of \\d[\\d,]*|\\d[\\d,]*\\.\\d+)`, "g");
/** What is named by a number. */
const NAMES = /\b(?:Node|Python|npm|VS Code|TypeScript|ONNX Runtime|version|arXiv(?:\s|:))\s?v?\d[\d.]*|\b95 % intervals?\b/g;
const LINK = /\[([^\]]*)\]\(([^)\s]*bench\/records\/[^)\s]*\/result\.json)(?:#([^)\s]*))?\)/g;

/** Reads a record, by its path from the root of the repository; undefined where there is none. */
export type ReadRecord = (file: string) => unknown;

/**
 * Numbers of a text that look measured and are in no record. A measured number is a link to its record, with the way to the
 * value behind the #: names and indices between slashes, and `name=value` for the element of a list that has it, several joined by `&`:
 *
 *     [2.1x](bench/records/DATE_NAME/result.json#/results/groups/context=512&temperature=0/racers/racer=deer:auto/ratio/median)
 */
export function unprovenNumbers(text: string, readRecord: ReadRecord): string[] {
  const problems: string[] = [];
  const prose = text.replaceAll(/```[\s\S]*?```/g, "").replaceAll(/`[^`\n]*`/g, "code");
  const rest = prose.replaceAll(LINK, (_link, words: string, target: string, way: string | undefined) => {
    const problem = way === undefined ? undefined : disproof(words, readRecord(target.slice(target.indexOf("bench/records/"))), way);
    if (problem !== undefined) problems.push(problem);
    return way === undefined ? words : "proven";
  });
  const bare = rest.replaceAll(/\]\([^)]*\)/g, "]").replaceAll(NAMES, "name");
  return [...problems, ...[...bare.matchAll(MEASURED)].map(([found]) => `"${found.trim()}" is no link to a record`)];
}

/** Why the words of a link are not what the record says; undefined if they are. */
function disproof(words: string, record: unknown, way: string): string | undefined {
  if (record === undefined) return `"${words}": there is no such record`;
  const written = /-?\d[\d,]*(?:\.(\d+))?/.exec(words);
  if (written === null) return `"${words}" has no number`;
  const value = valueAt(record, way);
  if (typeof value !== "number") return `"${words}": the record has no number at ${way}`;
  const scaled = value * scaleOf(words, way);
  const tolerance = 0.5 * 10 ** -(written[1]?.length ?? 0) + 1e-9;
  return Math.abs(scaled - Number(written[0].replaceAll(",", ""))) <= tolerance ? undefined : `"${words}": the record says ${scaled}`;
}

/** What a value of a record is multiplied with to be in the unit of the words. */
function scaleOf(words: string, way: string): number {
  if (words.includes("%")) return 100;
  if (/\d\s?s\b/.test(words) && /ms$/i.test(way)) return 1 / 1000;
  if (words.includes("MiB")) return 2 ** -20;
  if (words.includes("MB") || /\d\s?M\b/.test(words)) return 1e-6;
  return 1;
}

function valueAt(record: unknown, way: string): unknown {
  return way
    .split("/")
    .filter((step) => step !== "")
    .map(decodeURIComponent)
    .reduce<unknown>((value, step) => {
      if (typeof value !== "object" || value === null) return undefined;
      if (!step.includes("=")) return (value as Record<string, unknown>)[step];
      const wanted = step.split("&").map((pair) => pair.split("="));
      const has = (element: unknown): boolean => wanted.every(([name, text]) => String((element as Record<string, unknown>)[name]) === text);
      const found = Array.isArray(value) ? value.filter(has) : [];
      return found.length === 1 ? found[0] : undefined;
    }, record);
}

/** The rows of a text's tables, those apart that name their paper. */
export function ownTableRows(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/arXiv/.test(line))
    .join("\n");
}
