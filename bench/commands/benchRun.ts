import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Option, type Command } from "commander";
import { writePlot, type Plot } from "../library/plot.js";
import { loadPlotLibrary } from "../library/plotLibrary.js";
import { provenanceOf } from "../library/provenance.js";
import { ResultStore } from "../library/resultStore.js";
import { devicesOf } from "../../src/protocol/devicesOf.js";
import { LacunaError } from "../../src/protocol/errors.js";
import { verifierOf } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";
import { createTokenizer, type Tokenizer } from "../../src/text/tokenizer.js";
import type { LoadResult } from "../../src/protocol/messages.js";
import { INTERRUPTED_EXIT_CODE } from "../../src/cli/interrupted.js";
import type { Invocation } from "../../src/cli/invocation.js";
import { folderOption } from "../../src/cli/textOption.js";
import { integerOption } from "../../src/cli/numberOption.js";
import { withModels, type Session } from "../../src/cli/session.js";

/** Options of every benchmark. */
export interface BenchOptions {
  readonly out: string;
  readonly seed: number;
  readonly plots: boolean;
}

/** Adds the options of `BenchOptions`. */
export function addBenchOptions(command: Command): Command {
  return command
    .requiredOption("--out <dir>", "folder for rows.jsonl, result.json and plots; a run that was cut off goes on there", folderOption)
    .addOption(new Option("--seed <n>", "seed of every choice").argParser(integerOption(0, 2 ** 32 - 1)).default(1))
    .option("--no-plots", "write no pictures");
}

/** What one benchmark is. */
export interface BenchPlan {
  readonly name: string;
  /** What a single result depends on, models and engine apart: results of another identity are not mixed in. */
  readonly identity: object;
  /** What the record says of the choices made. */
  readonly settings: object;
}

export interface BenchSetting<T> extends Session {
  readonly loaded: LoadResult;
  readonly tokenizer: Tokenizer;
  /** Results so far; those of an earlier run that was cut off included. */
  readonly store: ResultStore<T>;
}

export interface BenchReport {
  readonly results: object;
  /** The results for people. */
  readonly lines: readonly string[];
  readonly plots: readonly Plot[];
}

/**
 * Runs a benchmark with the models loaded and writes its record.
 *
 * @param measure returns undefined when Ctrl-C came before it was done; what is in the store then stays for the next run
 * @throws LacunaError `packageMissing` before anything is measured
 */
export async function runBench<T>(
  invocation: Invocation,
  { out, seed, plots }: BenchOptions,
  { name, identity, settings }: BenchPlan,
  measure: (setting: BenchSetting<T>) => Promise<BenchReport | undefined>,
): Promise<number> {
  const { environment, globals, output, args } = invocation;
  const modelsDir = path.resolve(globals.models);
  const packageDir = path.dirname(environment.distDir);
  const library = plots ? await loadPlotLibrary() : undefined;
  const store = await ResultStore.open<T>(out, await digestOf(identity, modelsDir, environment.distDir));
  const tokenizer = createTokenizer(await readTokenizer(modelsDir));
  const provenance = await provenanceOf(commandLine(args), packageDir, modelsDir);
  return withModels(invocation, async (session) => {
    // Draft lengths go by what passes cost on this machine.
    await session.engine.calibrate();
    const report = await measure({ ...session, tokenizer, store });
    if (report === undefined) {
      output.note(`Interrupted. The same command goes on from ${store.results.length} results.`);
      output.document({ outcome: "cancelled" });
      return INTERRUPTED_EXIT_CODE;
    }
    const { models, threads } = session.loaded;
    const device = devicesOf(models);
    const record = { benchmark: name, ...provenance, device, threads, seed, settings, results: report.results };
    await writeFile(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
    const fontsDir = path.join(packageDir, "node_modules", "dejavu-fonts-ttf", "ttf");
    if (library !== undefined) for (const plot of report.plots) await writePlot(library, plot, out, fontsDir);
    for (const line of report.lines) output.line(line);
    output.document(record);
    return 0;
  });
}

/** The tokenizer that the manifest of a models folder names. */
export async function readTokenizer(modelsDir: string): Promise<string> {
  try {
    const manifest = parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8"));
    return await readFile(path.join(modelsDir, verifierOf(manifest).tokenizer.path), "utf8");
  } catch (cause) {
    if (cause instanceof LacunaError) throw cause;
    throw new LacunaError("modelMissing", `There are no models in ${modelsDir}.`, "Name a folder of models with --models.", cause);
  }
}

/** Names what results depend on: the models, the build of the engine and the plan. */
export async function digestOf(identity: object, modelsDir: string, distDir: string): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(identity));
  for (const file of [path.join(modelsDir, "manifest.json"), path.join(distDir, "engine.js")]) {
    hash.update(await readFile(file).catch(() => Buffer.alloc(0)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** The command as others can type it: of paths of this machine the last part. */
export function commandLine(args: readonly string[]): string {
  const shown = args.map((arg) => (path.isAbsolute(arg) || arg.startsWith("..") ? path.basename(arg) : arg));
  return ["npm run bench --", ...shown.map((arg) => (/^[\w.,:=@/-]+$/.test(arg) ? arg : JSON.stringify(arg)))].join(" ");
}
