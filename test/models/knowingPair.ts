import { readFileSync } from "node:fs";
import path from "node:path";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import { importReader } from "../../src/convert/importReader.js";
import type { WeightPlan } from "../../src/convert/weights/matrixStore.js";
import { writeEchoCheckpoint } from "./echoCheckpoint.js";
import { createTokenizer } from "../../src/text/tokenizer.js";
import { writeReaderExport } from "./readerExport.js";

/** What the reader knows by heart. */
export const KNOWN_LINE = "abcdefghijk\n";

/**
 * Makes a models folder with a verifier that repeats what it has read, and a reader of random weights that knows `line`, or nothing where that is
 * empty. @returns the folder
 */
export async function makeKnowingPair(folder: string, weights: WeightPlan, line = KNOWN_LINE): Promise<string> {
  const [checkpoint, exported, out] = ["checkpoint", "export", "models"].map((name) => path.join(folder, name));
  writeEchoCheckpoint(checkpoint, "verifier", 1);
  await importCheckpoint({ source: checkpoint, out, role: "verifier", weights });
  const tokens = createTokenizer(readFileSync(path.join(checkpoint, "tokenizer.json"), "utf8")).encode(line);
  writeReaderExport(exported, checkpoint, 3, new Map(tokens.map((token, index) => [token, tokens[(index + 1) % tokens.length]])));
  await importReader({ source: exported, out, weights });
  return out;
}
