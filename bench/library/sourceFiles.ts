import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../../src/protocol/errors.js";

/** A source file below a folder. */
export interface SourceFile {
  /** From the folder, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

const SOURCE = /\.(py|js|mjs|cjs|ts)$/;
/** What somebody else wrote, and what a program wrote. */
const FOREIGN = /(^|\/)(node_modules|site-packages|dist|build|vendor|\.[^/]+|__pycache__|venv)\/|\.min\.[a-z]+$|\.d\.ts$/;

/** Python, JavaScript and TypeScript below `folder`, sorted by name. @throws LacunaError `unreadableFile` when there is none */
export async function readSourceFiles(folder: string): Promise<SourceFile[]> {
  const remedy = "Name a folder of .py, .js or .ts files.";
  let names: string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (cause) {
    throw new LacunaError("unreadableFile", `The folder ${folder} cannot be read.`, remedy, cause);
  }
  const files = names
    .map((name) => name.replaceAll(path.sep, "/"))
    .filter((name) => SOURCE.test(name) && !FOREIGN.test(name))
    .sort();
  if (files.length === 0) throw new LacunaError("unreadableFile", `There is no source file below ${folder}.`, remedy);
  return Promise.all(files.map(async (file) => ({ file, text: (await readFile(path.join(folder, file), "utf8")).replaceAll("\r\n", "\n") })));
}
