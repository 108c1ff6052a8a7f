import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");

export interface PackagedExtension {
  readonly vsix: string;
  readonly remove: () => void;
}

/**
 * The extension as `npm run package` makes it when LACUNA_TEST_EXTENSION is "vsix", made now unless it lies in LACUNA_TEST_PACKAGES;
 * undefined when it is to be loaded from the repository.
 */
export function packagedExtension(): PackagedExtension | undefined {
  if (process.env.LACUNA_TEST_EXTENSION !== "vsix") return undefined;
  const packages = process.env.LACUNA_TEST_PACKAGES;
  if (packages !== undefined) return { vsix: path.join(packages, `${process.platform}-${process.arch}.vsix`), remove: () => {} };
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-vsix-"));
  const vsix = path.join(folder, "lacuna.vsix");
  execFileSync(process.execPath, ["package.mjs", "--out", vsix], { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
  return { vsix, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
