/**
 * Measures what pieces of other files are worth to the verifier: bits a byte of ten true lines, with them and without.
 *
 *     npx tsx bench/otherFiles/measure.ts --out bench/records/DATE_NAME [--places 60] REPOSITORY ...
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
import type { RelatedText } from "../../src/protocol/messages.js";
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
async function measure(models: Pair, place: WritingPlace, others: readonly SourceFile[], situation: Situation): Promise<Row> {
  const { file, text, start, end } = place;
  const whole = situation === "middle" ? text.slice(0, start) + text.slice(end) : text.slice(0, start);
  const { prefix, suffix } = documentSlice(whole, start, start);
  const related: readonly RelatedText[] = relatedTexts(
    { text: whole, offset: start },
    others.map((each) => ({ path: each.file, text: each.text })),
  );
  const params = { prefix, suffix, maxTokens: MAX_TOKENS, temperature: 0, topP: 1, seed: 0, requestId: 0 };
  const without = promptOf(models, params);
  const prompt = promptOf(models, { ...params, related });
  const truth = text.slice(start, end);
  const bits = await bitsOf(models, without, truth);
  const bitsRelated = prompt.prompt.length === without.prompt.length ? bits : await bitsOf(models, prompt, truth);
  const relatedTokens = prompt.prompt.length - without.prompt.length;
  return {
    file, situation, bytes: Buffer.byteLength(truth), promptTokens: without.prompt.length, relatedTokens, bits, bitsRelated,
    related: relatedTokens === 0 ? [] : related.map(({ path: each }) => each),
  }; // prettier-ignore
}

interface Summary {
  readonly places: number;
  /** Places whose prompt held a piece. */
  readonly withPieces: number;
  readonly bitsPerByte: number;
  readonly bitsPerByteRelated: number;
  /** Of the change in bits a byte, a 95 % interval over files; below zero is better. */
  readonly change: number;
  readonly changeInterval: Interval;
}

function summarize(rows: readonly Row[]): Summary {
  const sum = (valueOf: (row: Row) => number): number => rows.reduce((total, row) => total + valueOf(row), 0);
  const bytes = sum((row) => row.bytes);
  const perPlace = bytes / rows.length;
  const changeOf = ({ bits, bitsRelated }: Row): number => (bitsRelated - bits) / perPlace;
  return {
    places: rows.length,
    withPieces: rows.filter(({ relatedTokens }) => relatedTokens > 0).length,
    bitsPerByte: sum((row) => row.bits) / bytes,
    bitsPerByteRelated: sum((row) => row.bitsRelated) / bytes,
    change: sum(changeOf) / rows.length,
    changeInterval: meanInterval(rows, ({ file }) => file, changeOf),
  };
}

async function main(): Promise<void> {
  const options = { out: { type: "string" }, places: { type: "string", default: "60" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length === 0) {
    process.stderr.write("usage: tsx bench/otherFiles/measure.ts [--out DIR] [--places N] REPOSITORY ...\n");
    process.exitCode = 2;
    return;
  }
  const models = await loadPair({ modelsDir: "models", threads: 1, device: "cpu" });
  const rows: Row[] = [];
  for (const repository of positionals) {
    const files = await readSourceFiles(repository);
    for (const [index, place] of writingPlaces(files, Number(values.places), SEED).entries()) {
      const others = shuffled(
        files.filter(({ file }) => file !== place.file),
        SEED + index,
      ).slice(0, FILES_IN_HAND);
      for (const situation of SITUATIONS) {
        const row = await measure(models, place, others, situation);
        rows.push({ ...row, file: `${path.basename(repository)}/${row.file}` });
      }
    }
  }
  const summary = Object.fromEntries(
    SITUATIONS.map((situation) => {
      const own = rows.filter((row) => row.situation === situation);
      return [situation, { all: summarize(own), withPieces: summarize(own.filter(({ relatedTokens }) => relatedTokens > 0)) }];
    }),
  );
  process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  if (values.out === undefined) return;
  const names = positionals.map((each) => path.basename(each));
  const provenance = await provenanceOf(`npx tsx bench/otherFiles/measure.ts --places ${values.places} ${names.join(" ")}`, ".", "models");
  const record = { benchmark: "otherFiles", ...provenance, device: "cpu", threads: 1, seed: SEED, filesInHand: FILES_IN_HAND, summary, rows };
  mkdirSync(values.out, { recursive: true });
  writeFileSync(path.join(values.out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
