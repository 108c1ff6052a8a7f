import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** Real sources in two languages. */
const FILES = {
  "example.py": "media/demo/example.py",
  "connection.py": "media/demo/connection.py",
  "canvas.ts": "src/decode/infill/canvas.ts",
  "accept.ts": "src/decode/draft/accept.ts",
  "lineEnds.ts": "src/text/lineEnds.ts",
};

/** A new folder with sources to edit. `remove` deletes it. */
export function sampleWorkspace(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-workspace-"));
  for (const [name, source] of Object.entries(FILES)) copyFileSync(path.join(ROOT, source), path.join(folder, name));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
