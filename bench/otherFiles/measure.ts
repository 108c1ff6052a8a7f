/**
 * Measures what pieces of other files are worth to the verifier: bits a byte of ten true lines, with them and without, and with the
 * definitions of names about the cursor besides, where TypeScript's language service knows them.
 *
 *     npx tsx bench/otherFiles/measure.ts --out bench/records/DATE_NAME [--places 60] [--models DIR] REPOSITORY ...
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { meanInterval, type Interval } from "../library/bootstrap.js";
import { shuffled } from "../library/drawSome.js";
import { provenanceOf } from "../library/provenance.js";
import { readSourceFiles, type SourceFile } from "../library/sourceFiles.js";
import { rowConfidence } from "../../src/decode/infill/confidence.js";
import type { Layout } from "../../src/decode/sequence.js";
import { loadPair, type Pair } from "../../src/engine/models/pair.js";
import { promptOf } from "../../src/engine/serve/prompt.js";
import { relatedTexts } from "../../src/related/relatedTexts.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import { TypescriptDefinitions } from "./typescriptDefinitions.js";
import { writingPlaces, type WritingPlace } from "./places.js";

/** As many files as somebody may have open. */
const FILES_IN_HAND = 8;
const SEED = 1;
const MAX_TOKENS = 64;
/** Tokens that are scored in one pass. */
const ROWS = 64;
const SITUATIONS = ["middle", "end"] as const;

type Situation = (typeof SITUATIONS)[number];

interface Row {
  readonly file: string;
  readonly situation: Situation;
  readonly bytes: number;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
  readonly relatedTokens: number;
  readonly bits: number;
  readonly bitsRelated: number;
  readonly related: readonly string[];
  /** Files of the definitions that are among the pieces. */
  readonly definitions: readonly string[];
  /** With definitions. */
  readonly bitsDefined: number;
}

/** Of the ten lines, in bits. */
async function bitsOf({ verifier: loaded }: Pair, layout: Layout, truth: string): Promise<number> {
  const { exact: verifier, tokenizer } = loaded;
  const tokens = tokenizer.encode(truth);
  const { vocabSize } = verifier;
  let nats = 0;
  for (let from = 0; from < tokens.length; from += ROWS) {
    const some = tokens.slice(from, from + ROWS);
    const logits = await verifier.next({ layout, written: tokens.slice(0, from + some.length - 1) }, some.length);
    for (const [row, token] of some.entries()) nats += rowConfidence(logits, row * vocabSize, vocabSize).logSum - logits[row * vocabSize + token];
  }
  return nats / Math.LN2;
}

/** At the end of a file nothing stands behind the cursor: the file as it was when it was written. */
async function measure(
  models: Pair,
  place: WritingPlace,
  others: readonly SourceFile[],
  service: TypescriptDefinitions,
  situation: Situation,
): Promise<Row> {
  const { file, text, start, end } = place;
  const whole = situation === "middle" ? text.slice(0, start) + text.slice(end) : text.slice(0, start);
  const { prefix, suffix } = documentSlice(whole, start, start);
  const writing = { text: whole, offset: start };
  const otherFiles = others.map((each) => ({ path: each.file, text: each.text }));
  const related = relatedTexts(writing, otherFiles);
  const defined = relatedTexts(writing, otherFiles, service.around(file, whole, start));
  const params = { prefix, suffix, maxTokens: MAX_TOKENS, temperature: 0, topP: 1, seed: 0, requestId: 0 };
  const without = promptOf(models, params);
  const prompt = promptOf(models, { ...params, related });
  const truth = text.slice(start, end);
  const bits = await bitsOf(models, without, truth);
  const bitsRelated = prompt.prompt.length === without.prompt.length ? bits : await bitsOf(models, prompt, truth);
  const relatedTokens = prompt.prompt.length - without.prompt.length;
  const definitions = defined.filter(({ text: piece }) => !related.some((window) => window.text === piece)).map((piece) => piece.path);
  const bitsDefined = definitions.length === 0 ? bitsRelated : await bitsOf(models, promptOf(models, { ...params, related: defined }), truth);
  return {
    file, situation, bytes: Buffer.byteLength(truth), promptTokens: without.prompt.length, relatedTokens, bits, bitsRelated,
    related: relatedTokens === 0 ? [] : related.map(({ path: each }) => each), definitions, bitsDefined,
  }; // prettier-ignore
}

interface Summary {
  readonly places: number;
  readonly bitsPerByteBefore: number;
  readonly bitsPerByteAfter: number;
  /** Of the change in bits a byte, a 95 % interval over files; below zero is better. */
  readonly change: number;
  readonly changeInterval: Interval;
}

function summarize(rows: readonly Row[], before: (row: Row) => number, after: (row: Row) => number): Summary | undefined {
  if (rows.length === 0) return undefined;
  const sum = (valueOf: (row: Row) => number): number => rows.reduce((total, row) => total + valueOf(row), 0);
  const bytes = sum((row) => row.bytes);
  const perPlace = bytes / rows.length;
  const changeOf = (row: Row): number => (after(row) - before(row)) / perPlace;
  return {
    places: rows.length,
    bitsPerByteBefore: sum(before) / bytes,
    bitsPerByteAfter: sum(after) / bytes,
    change: sum(changeOf) / rows.length,
    changeInterval: meanInterval(rows, ({ file }) => file, changeOf),
  };
}

/** What windows of other files change, and what definitions change beside them; of all places, and of those that had any. */
function summaries(rows: readonly Row[]): object {
  const [without, related, defined] = [(row: Row) => row.bits, (row: Row) => row.bitsRelated, (row: Row) => row.bitsDefined];
  const withWindows = rows.filter(({ relatedTokens }) => relatedTokens > 0);
  const withDefinitions = rows.filter(({ definitions }) => definitions.length > 0);
  return {
    windows: { all: summarize(rows, without, related), having: summarize(withWindows, without, related) },
    definitions: { all: summarize(rows, related, defined), having: summarize(withDefinitions, related, defined) },
  };
}

async function main(): Promise<void> {
  const options = { out: { type: "string" }, places: { type: "string", default: "60" }, models: { type: "string", default: "models" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length === 0) {
    process.stderr.write("usage: tsx bench/otherFiles/measure.ts [--out DIR] [--places N] [--models DIR] REPOSITORY ...\n");
    process.exitCode = 2;
    return;
  }
  const models = await loadPair({ modelsDir: values.models, threads: 1, device: "cpu" });
  const rows: Row[] = [];
  for (const repository of positionals) {
    const files = await readSourceFiles(repository);
    const service = new TypescriptDefinitions(repository, files);
    for (const [index, place] of writingPlaces(files, Number(values.places), SEED).entries()) {
      const others = shuffled(
        files.filter(({ file }) => file !== place.file),
        SEED + index,
      ).slice(0, FILES_IN_HAND);
      for (const situation of SITUATIONS) {
        const row = await measure(models, place, others, service, situation);
        rows.push({ ...row, file: `${path.basename(repository)}/${row.file}` });
      }
    }
  }
  const summary = Object.fromEntries(SITUATIONS.map((situation) => [situation, summaries(rows.filter((row) => row.situation === situation))]));
  process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  if (values.out === undefined) return;
  const names = positionals.map((each) => path.basename(each));
  const provenance = await provenanceOf(`npx tsx bench/otherFiles/measure.ts --places ${values.places} ${names.join(" ")}`, ".", values.models);
  const record = { benchmark: "otherFiles", ...provenance, device: "cpu", threads: 1, seed: SEED, filesInHand: FILES_IN_HAND, summary, rows };
  mkdirSync(values.out, { recursive: true });
  writeFileSync(path.join(values.out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
