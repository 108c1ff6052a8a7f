import path from "node:path";
import { Option, type Command } from "commander";
import { CommandSandbox } from "../library/commandSandbox.js";
import { checkHole, fillHole, limitsFromTests, type HoleCheck, type HoleFill } from "../library/holesBench.js";
import { holesPlots, summarizeHoles, type HolesSummary } from "../library/holesSummary.js";
import type { BenchMethod } from "../library/infillingMethod.js";
import { repositoryHoles, type RepositoryHole } from "../library/repositoryHoles.js";
import type { SandboxOutcome } from "../library/sandbox.js";
import { readSourceFiles } from "../library/sourceFiles.js";
import { textsDigest } from "../library/textsDigest.js";
import { methodsOption } from "./benchInfilling.js";
import { addBenchOptions, runBench, type BenchOptions, type BenchSetting } from "./benchRun.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { integerOption } from "../../src/cli/numberOption.js";
import { withProgress } from "../../src/cli/progress.js";

interface BenchHolesOptions extends BenchOptions {
  readonly repo: string;
  readonly test: string;
  readonly methods: readonly BenchMethod[];
  readonly holes: number;
}

/** `npm run bench -- holes`: fills holes cut into a repository and runs its own tests. */
export function addBenchHoles(bench: Command, invoke: Invoke): void {
  const command = bench
    .command("holes")
    .description("cut holes into a repository, fill them, and run its own tests in a copy, within limits")
    .requiredOption("--repo <dir>", "a Python or JavaScript repository; it is not changed")
    .requiredOption("--test <command>", "what runs its tests, from the repository's folder")
    .addOption(methodsOption("auto,ar"))
    .addOption(new Option("--holes <n>", "how many, drawn by the seed").argParser(integerOption(1, 100_000)).default(100));
  addBenchOptions(command).action((options: BenchHolesOptions) => invoke((invocation) => benchHoles(invocation, options)));
}

async function benchHoles(invocation: Invocation, options: BenchHolesOptions): Promise<number> {
  const { repo, test, methods, holes: wanted, seed } = options;
  const files = await readSourceFiles(repo);
  const repositorySha256 = textsDigest(files.flatMap(({ file, text }) => [file, text]));
  const names = methods.map(({ name }) => name);
  const settings = { repository: path.basename(path.resolve(repo)), repositorySha256, test, methods: names, holes: wanted };
  const plan = { name: "holes", identity: { repositorySha256, test }, settings };
  return runBench<HoleCheck | HoleFill>(invocation, options, plan, async (setting) => {
    const { tokenizer, store, signal } = setting;
    const candidates = await repositoryHoles(files, tokenizer, seed);
    const sandbox = new CommandSandbox(repo, test);
    const chosen = await withProgress(invocation.output, "holes", wanted * methods.length, (advance) =>
      fillHoles(setting, sandbox, candidates, methods, wanted, advance),
    );
    if (signal.aborted) return undefined;
    const keys = new Set(chosen.map(({ key }) => key));
    const fills = store.results.filter((row): row is HoleFill => row.type === "fill" && keys.has(row.key));
    const checks = store.results.filter((row): row is HoleCheck => row.type === "check");
    const summaries = names.flatMap((name) => {
      const own = fills.filter(({ method }) => method === name);
      return own.length === 0 ? [] : [summarizeHoles(name, own)];
    });
    const middleOf = (key: string, name: string): string => fills.find((fill) => fill.key === key && fill.method === name)?.middle ?? "";
    const textsSha256 = textsDigest(chosen.flatMap(({ key }) => names.map((name) => middleOf(key, name))));
    const counts = { candidates: candidates.length, tried: checks.length, noticed: checks.filter(({ isNoticed }) => isNoticed).length };
    const noticed = `${counts.noticed} of ${counts.tried} holes tried are noticed by the tests when they are empty; only these are filled`;
    return { results: { ...counts, summaries, textsSha256 }, lines: [noticed, ...summaries.map(readout)], plots: holesPlots(summaries) };
  });
}

/** Fills the first `wanted` holes that the tests notice, by every method. @returns these holes */
async function fillHoles(
  { engine, store, signal }: BenchSetting<HoleCheck | HoleFill>,
  sandbox: CommandSandbox,
  candidates: readonly RepositoryHole[],
  methods: readonly BenchMethod[],
  wanted: number,
  advance: () => void,
): Promise<RepositoryHole[]> {
  const chosen: RepositoryHole[] = [];
  const checked = new Map(store.results.flatMap((row) => (row.type === "check" ? [[row.key, row.isNoticed]] : [])));
  if (signal.aborted) return chosen;
  const limits = await limitsFromTests(sandbox, signal);
  for (const hole of candidates) {
    if (chosen.length === wanted || signal.aborted) break;
    if (!checked.has(hole.key)) {
      const check = await checkHole(sandbox, hole, limits, signal);
      if (signal.aborted) break;
      await store.add(check);
      checked.set(hole.key, check.isNoticed);
    }
    if (checked.get(hole.key) !== true) continue;
    chosen.push(hole);
    const filled = store.results.filter((row): row is HoleFill => row.type === "fill" && row.key === hole.key);
    const done = new Set(filled.map(({ method }) => method));
    const tried = new Map<string, SandboxOutcome>(filled.map(({ middle, outcome }) => [middle, outcome]));
    for (const method of methods) {
      if (!done.has(method.name)) {
        const fill = await fillHole(engine, sandbox, hole, method, tried, limits, signal);
        if (signal.aborted) return chosen;
        tried.set(fill.middle, fill.outcome);
        await store.add(fill);
      }
      advance();
    }
  }
  return chosen;
}

function readout({ method, all, byKind, byLength, exact, meanPasses, medianMs }: HolesSummary): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const parts = Object.entries({ ...byKind, ...byLength }).map(([name, { passed, holes }]) => `${name} ${percent(passed)} of ${holes}`);
  const interval = `${percent(all.interval.low)} to ${percent(all.interval.high)}`;
  const cost = `exact ${percent(exact)}, ${meanPasses.toFixed(1)} passes, ${medianMs.toFixed(0)} ms`;
  return `${method}: tests pass in ${percent(all.passed)} (${interval}) of ${all.holes}; ${parts.join(", ")}; ${cost}`;
}
