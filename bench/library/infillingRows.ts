import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { LacunaError } from "../../src/protocol/errors.js";

/** A row of HumanEval-Infilling (arXiv 2207.14255). */
export interface InfillingRow {
  readonly task_id: string;
  readonly entry_point: string;
  readonly prompt: string;
  readonly suffix: string;
  readonly canonical_solution: string;
  readonly test: string;
}

const FIELDS = ["task_id", "entry_point", "prompt", "suffix", "canonical_solution", "test"] as const;
const GZIP_MAGIC = 0x1f8b;

/** Reads rows as JSON lines, gzipped or plain. @throws LacunaError `unreadableFile` naming the first line that is no row */
export async function readInfillingRows(file: string): Promise<InfillingRow[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new LacunaError("unreadableFile", `${file} cannot be read.`, "Name a file of HumanEval-Infilling rows with --data.", cause);
  }
  const text = (bytes.length > 1 && bytes.readUInt16BE(0) === GZIP_MAGIC ? gunzipSync(bytes) : bytes).toString("utf8");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new LacunaError("unreadableFile", `${file} has no rows.`, "Name a file of HumanEval-Infilling rows with --data.");
  return lines.map((line, index) => parseRow(line, `${file}:${index + 1}`));
}

function parseRow(line: string, where: string): InfillingRow {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw new LacunaError("unreadableFile", `${where} is not JSON.`, "The file must hold one JSON object a line.", cause);
  }
  const record = (typeof row === "object" && row !== null ? row : {}) as Record<string, unknown>;
  const missing = FIELDS.find((field) => typeof record[field] !== "string");
  if (missing !== undefined) throw new LacunaError("unreadableFile", `${where} lacks ${missing}.`, "Rows have the fields of HumanEval-Infilling.");
  return record as unknown as InfillingRow;
}

/** The program that passes when `middle` is right. */
export function testProgram({ prompt, suffix, test, entry_point }: InfillingRow, middle: string): string {
  return `${prompt}${middle}${suffix}\n${test}\ncheck(${entry_point})\n`;
}

/** The function a row was cut from: rows of one function are not independent. */
export function functionOf({ task_id }: InfillingRow): string {
  return /HumanEval\/\d+/.exec(task_id)?.[0] ?? task_id;
}
