/**
 * Makes a recording of keystrokes: lines of a finished file, typed into the rest of it by a program that hesitates,
 * mistypes and corrects itself, and comes back to lines it left out.
 *
 *     npx tsx bench/makeRecording.ts --file FILE --lines A:B --package NAME@VERSION --registry NAME --licence SPDX \\
 *       --licence-file FILE --out bench/recordings/NAME.jsonl [--seed 1]
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { RecordedEdit } from "./library/recording.js";
import { createRandom } from "../src/base/random.js";

/** Median milliseconds before a key: within a word, at the start of one, at a sign, at a new line. */
const DELAYS = { word: 110, start: 170, sign: 190, line: 420 };
/** Spread of the delays: standard deviation of their logarithm. */
const SPREAD = 0.45;
const THINKING = { share: 0.15, leastMs: 900, mostMs: 3500 };
const MISTYPED = 0.02;
const LEFT_OUT = 0.08;
/** Lines after which a line that was left out is written. */
const RETURN_AFTER = 4;

class Typist {
  readonly edits: RecordedEdit[] = [];
  readonly #random: ReturnType<typeof createRandom>;
  #atMs = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  pause(leastMs: number, mostMs: number): void {
    this.#atMs += leastMs + this.#random.next() * (mostMs - leastMs);
  }

  /** One edit, after a delay around `medianMs`. */
  edit(medianMs: number, offset: number, removed: number, inserted: string): void {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random.next())) * Math.cos(2 * Math.PI * this.#random.next());
    this.#atMs += medianMs * Math.exp(SPREAD * normal);
    this.edits.push([Math.round(this.#atMs), offset, removed, inserted]);
  }

  /** Types a character, now and then a wrong one first, which is seen and taken back. */
  character(offset: number, character: string, before: string): void {
    const isWord = /\w/.test(character);
    const delay = !isWord ? DELAYS.sign : /\w/.test(before) ? DELAYS.word : DELAYS.start;
    if (isWord && this.chance(MISTYPED)) {
      this.edit(delay, offset, 0, String.fromCharCode(97 + Math.floor(this.#random.next() * 26)));
      this.edit(2 * DELAYS.start, offset, 1, "");
    }
    this.edit(delay, offset, 0, character);
  }
}

/** Orders lines as they are written: some are left out at first. */
function writingOrder(count: number, typist: Typist): number[] {
  const order: number[] = [];
  const waiting: { line: number; at: number }[] = [];
  for (let line = 0; line < count; line += 1) {
    if (line > 0 && typist.chance(LEFT_OUT)) waiting.push({ line, at: line + RETURN_AFTER });
    else order.push(line);
    while (waiting.length > 0 && waiting[0].at <= line) order.push((waiting.shift() as { line: number }).line);
  }
  return [...order, ...waiting.map(({ line }) => line)];
}

/** Types `lines` at `from`. A line break and the indentation behind it are one keystroke, as editors have it. */
function typeLines(lines: readonly string[], from: number, typist: Typist): void {
  const written = new Map<number, number>();
  for (const line of writingOrder(lines.length, typist)) {
    let offset = from;
    for (const [other, length] of written) if (other < line) offset += length;
    const indentation = /^\s*/.exec(lines[line])?.[0] ?? "";
    if (typist.chance(THINKING.share)) typist.pause(THINKING.leastMs, THINKING.mostMs);
    typist.edit(DELAYS.line, offset, 0, `\n${indentation}`);
    [...lines[line].slice(indentation.length)].reduce(
      (at, character) => {
        typist.character(at.offset, character, at.before);
        return { offset: at.offset + character.length, before: character };
      },
      { offset: offset + 1 + indentation.length, before: "" },
    );
    written.set(line, 1 + lines[line].length);
  }
}

const option = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    file: option, lines: option, package: option, registry: option, licence: option, "licence-file": option, out: option,
    seed: { ...option, default: "1" },
  }, // prettier-ignore
});
const { file, lines: range, package: packageName, registry, licence, "licence-file": licenceFile, out, seed } = values;
if (!file || !range || !packageName || !registry || !licence || !licenceFile || !out) {
  process.stderr.write("usage: see the head of this file\n");
  process.exit(2);
}

const text = readFileSync(file, "utf8");
const all = text.split("\n");
const [first, last] = range.split(":").map(Number);
const before = all.slice(0, first - 1).join("\n");
const after = all.slice(last).join("\n");
const typist = new Typist(Number(seed));
typeLines(
  all.slice(first - 1, last).map((line) => line.trimEnd()),
  before.length,
  typist,
);
const head = {
  name: path.basename(out, ".jsonl"),
  origin: {
    package: packageName,
    registry,
    file: path.basename(file),
    sha256: createHash("sha256").update(text).digest("hex"),
    lines: range,
    licence,
    notice: readFileSync(licenceFile, "utf8"),
    made: `bench/makeRecording.ts --lines ${range} --seed ${seed}: times and mistakes are a program's, the text is the package's`,
  },
  start: `${before}\n${after}`,
};
writeFileSync(out, [head, ...typist.edits].map((line) => `${JSON.stringify(line)}\n`).join(""));
const end = typist.edits.at(-1)?.[0] ?? 0;
process.stdout.write(`${typist.edits.length} keystrokes in ${Math.round(end / 1000)} s\n`);
