/**
 * Tokens that a model has to read anew at a keystroke and at a jump of the cursor, by where a prompt has its suffix. No model runs.
 *
 *     npx tsx bench/layouts/measure.ts --models DIR --recording FILE --source FILE [--source FILE ...] --out bench/records/DATE_NAME
 *
 * A keystroke asks at its place. A jump goes so many lines down or up in a source file, to the end of the line there, and types a letter.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../src/base/random.js";
import { verifierTokens } from "../../src/decode/sequence.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import { verifierOf, type PromptFormatData } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";
import { toLf } from "../../src/text/lineEnds.js";
import { PromptFormat } from "../../src/text/promptFormat.js";
import { createTokenizer, type Tokenizer } from "../../src/text/tokenizer.js";
import { provenanceOf } from "../library/provenance.js";
import { applyEdit, readRecording } from "../library/recording.js";

const BUDGETS = [512, 1024];
const JUMP_LINES = 40;
const JUMPS = 60;

const options = {
  models: { type: "string" },
  recording: { type: "string" },
  source: { type: "string", multiple: true },
  out: { type: "string" },
} as const;

/** One reader of prompts, which remembers the last one. */
class Reader {
  readonly #format: PromptFormat;
  readonly #promptTokens: number;
  #read: readonly number[] = [];

  constructor(data: PromptFormatData, tokenizer: Tokenizer, promptTokens: number) {
    this.#format = new PromptFormat(data, tokenizer);
    this.#promptTokens = promptTokens;
  }

  /** @returns how many tokens are not as they were read last */
  ask(text: string, offset: number): number {
    const { prefix, suffix } = documentSlice(text, offset, offset);
    const layout = this.#format.layOut({ prefix, suffix }, { promptTokens: this.#promptTokens, suffixHeadTokens: 0 });
    const tokens = verifierTokens({ layout, written: [] });
    const differs = tokens.findIndex((token, at) => token !== this.#read[at]);
    this.#read = tokens;
    return differs === -1 ? 1 : tokens.length - differs;
  }
}

interface Spread {
  readonly requests: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
}

function spreadOf(counts: readonly number[]): Spread {
  const sorted = [...counts].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))];
  return { requests: counts.length, mean: counts.reduce((sum, count) => sum + count, 0) / counts.length, p50: at(0.5), p90: at(0.9) };
}

function keysOf(reader: Reader, start: string, edits: Awaited<ReturnType<typeof readRecording>>["edits"]): Spread {
  let text = start;
  const counts = edits.map((edit) => {
    text = applyEdit(text, edit);
    return reader.ask(text, edit[1] + edit[3].length);
  });
  return spreadOf(counts.slice(1));
}

function jumpsOf(reader: Reader, sources: readonly string[], lines: number): Spread {
  const random = createRandom(1);
  const counts: number[] = [];
  for (let jump = 0; jump < JUMPS; jump += 1) {
    const text = sources[jump % sources.length];
    const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
    const from = Math.max(0, -lines) + Math.floor(random.next() * (ends.length - Math.abs(lines)));
    reader.ask(text, ends[from]);
    const to = ends[from + lines];
    counts.push(reader.ask(`${text.slice(0, to)}x${text.slice(to)}`, to + 1));
  }
  return spreadOf(counts);
}

async function main(): Promise<void> {
  const { models, recording, source = [], out } = parseArgs({ options }).values;
  if (models === undefined || recording === undefined || source.length === 0 || out === undefined) {
    process.stderr.write("usage: tsx bench/layouts/measure.ts --models DIR --recording FILE --source FILE [--source FILE ...] --out DIR\n");
    process.exitCode = 2;
    return;
  }
  const { prompt: data, tokenizer: file } = verifierOf(parseManifest(readFileSync(path.join(models, "manifest.json"), "utf8")));
  const tokenizer = createTokenizer(readFileSync(path.join(models, file.path), "utf8"));
  const { start, edits } = await readRecording(recording);
  const sources = source.map((each) => toLf(readFileSync(each, "utf8")));
  const results = BUDGETS.flatMap((promptTokens) =>
    (["suffixFirst", "prefixFirst"] as const).map((order) => {
      const reader = (): Reader => new Reader({ ...data, order }, tokenizer, promptTokens);
      return {
        promptTokens,
        order,
        key: keysOf(reader(), start, edits),
        jumpDown: jumpsOf(reader(), sources, JUMP_LINES),
        jumpUp: jumpsOf(reader(), sources, -JUMP_LINES),
      };
    }),
  );
  const names = source.map((each) => `--source ${path.basename(each)}`).join(" ");
  const command = `npx tsx bench/layouts/measure.ts --models ${path.basename(models)} --recording ${path.basename(recording)} ${names}`;
  const record = { benchmark: "layouts", ...(await provenanceOf(command, ".", models)), jumpLines: JUMP_LINES, results };
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  for (const { promptTokens, order, key, jumpDown, jumpUp } of results) {
    const shown = ({ mean, p50, p90 }: Spread): string => `mean ${mean.toFixed(1)}, p50 ${p50}, p90 ${p90}`;
    process.stdout.write(`${promptTokens} ${order}: key ${shown(key)}; down ${shown(jumpDown)}; up ${shown(jumpUp)}\n`);
  }
}

void main();
