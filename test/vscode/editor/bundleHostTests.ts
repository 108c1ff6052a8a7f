import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "../../..");

export interface HostTests {
  /** The module that the extension host starts. */
  readonly entry: string;
  /** The test files as it can load them. */
  readonly files: readonly string[];
  readonly remove: () => void;
}

/** Bundles test files and the module that runs them. @param files relative to the repository */
export async function bundleHostTests(files: readonly string[]): Promise<HostTests> {
  const cache = path.join(ROOT, ".cache");
  mkdirSync(cache, { recursive: true });
  // Below the repository, so that Mocha is found from there.
  const outdir = mkdtempSync(path.join(cache, `host-tests-${process.env.LACUNA_TEST_RUN ?? ""}-`));
  const entries = ["test/vscode/editor/hostEntry.ts", ...files].map((file) => path.join(ROOT, file));
  await build({
    entryPoints: entries.map((file, index) => ({ in: file, out: `${index}-${path.basename(file, ".ts")}` })),
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  const [entry, ...bundled] = entries.map((file, index) => path.join(outdir, `${index}-${path.basename(file, ".ts")}.cjs`));
  return { entry, files: bundled, remove: () => rmSync(outdir, { recursive: true, force: true }) };
}
