/**
 * Counts tokens in which drafting differs from decoding without drafts, over the source files below a folder.
 *
 *     npx tsx bench/lossless.ts --out bench/records/DATE_NAME --files DIR [--tokens 20000]
 */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { EngineClient } from "../src/client/engineClient.js";
import { documentSlice } from "../src/protocol/documentSlice.js";
import type { CompleteResult } from "../src/protocol/messages.js";
import { writeRecord } from "./record.js";

const TOKENS_A_PLACE = 128;
const PLACES_A_FILE = 3;

const { values } = parseArgs({ options: { out: { type: "string" }, files: { type: "string" }, tokens: { type: "string", default: "20000" } } });
if (values.out === undefined || values.files === undefined) {
  process.stderr.write("usage: tsx bench/lossless.ts --out DIR --files DIR [--tokens N]\n");
  process.exit(2);
}

const isSame = (a: CompleteResult, b: CompleteResult): boolean => a.tokenIds.join() === b.tokenIds.join();

async function main(out: string, folder: string, wanted: number): Promise<void> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.(py|ts|js)$/.test(file)).sort();
  const engine = await EngineClient.start({ enginePath: path.resolve("dist/engine.js") });
  const counts = { places: 0, tokens: 0, placesThatDiffer: 0, plainPlacesThatDiffer: 0, verifies: 0 };
  try {
    await engine.load({ modelsDir: path.resolve("models"), threads: 1 });
    for (let index = 0; counts.tokens < wanted && index < files.length * PLACES_A_FILE; index += 1) {
      const text = readFileSync(path.join(folder, files[index % files.length]), "utf8");
      const offset = text.indexOf("\n", Math.floor((text.length * (1 + Math.floor(index / files.length))) / (PLACES_A_FILE + 1))) + 1;
      const shared = { ...documentSlice(text, offset, offset), maxTokens: TOKENS_A_PLACE, temperature: 0, topP: 1, seed: 0 };
      const run = (decoder: "ar" | "arPadded" | "deer"): Promise<CompleteResult> => engine.complete({ ...shared, decoder, block: 7 });
      const [reference, drafted, plain] = [await run("arPadded"), await run("deer"), await run("ar")];
      counts.places += 1;
      counts.tokens += reference.tokens;
      counts.verifies += drafted.verifies;
      if (!isSame(reference, drafted)) counts.placesThatDiffer += 1;
      if (!isSame(reference, plain)) counts.plainPlacesThatDiffer += 1;
    }
  } finally {
    await engine.dispose();
  }
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  writeRecord(out, `npx tsx bench/lossless.ts --tokens ${wanted}`, { corpus: path.basename(folder), ...counts });
}

void main(values.out, values.files, Number(values.tokens));
