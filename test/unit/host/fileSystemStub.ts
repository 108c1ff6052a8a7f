/** As much of the module `vscode` as reading files needs, over the files of this machine. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";

interface FileUri {
  readonly path: string;
}

export const Uri = { joinPath: ({ path: base }: FileUri, ...parts: string[]): FileUri => ({ path: path.posix.join(base, ...parts) }) };
export const workspace = { fs: { stat: ({ path: file }: FileUri) => stat(file), readFile: ({ path: file }: FileUri) => readFile(file) } };
