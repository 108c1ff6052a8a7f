import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Option, type Command } from "commander";
import type { Seen } from "../library/cautionFit.js";
import { LEVELS, summarizeCaution, WANTED, type TypedStretch } from "../library/cautionSummary.js";
import { drawStretch } from "../library/typedStretches.js";
import { typeStretch } from "../library/typeStretch.js";
import { createRandom } from "../../src/base/random.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { integerOption } from "../../src/cli/numberOption.js";
import { withProgress } from "../../src/cli/progress.js";
import { PLACE_KINDS } from "../../src/protocol/suggestionBars.js";
import { toLf } from "../../src/text/lineEnds.js";
import { addBenchOptions, runBench, type BenchOptions } from "./benchRun.js";
import { listOption } from "./listOption.js";

interface BenchCautionOptions extends BenchOptions {
  readonly sources: readonly string[];
  readonly stretches: number;
}

/** `npm run bench -- caution`: how likely a suggestion must be to be shown. */
export function addBenchCaution(bench: Command, invoke: Invoke): void {
  const command = bench
    .command("caution")
    .description("type parts of source files anew, and fit how likely a line must be for it to be what was typed next")
    .addOption(new Option("--sources <files>", "source files, separated by commas").argParser(listOption((name) => name)).makeOptionMandatory())
    .addOption(new Option("--stretches <n>", "how many parts").argParser(integerOption(2, 100_000)).default(80));
  addBenchOptions(command).action((options: BenchCautionOptions) => invoke((invocation) => benchCaution(invocation, options)));
}

async function benchCaution(invocation: Invocation, options: BenchCautionOptions): Promise<number> {
  const { sources, stretches, seed } = options;
  const files = await Promise.all(sources.map(async (file) => ({ file: path.basename(file), text: toLf(await readFile(file, "utf8")) })));
  const sourcesSha256 = createHash("sha256").update(JSON.stringify(files)).digest("hex");
  const settings = { sources: files.map(({ file }) => file), stretches, wanted: WANTED, sourcesSha256 };
  const plan = { name: "caution", identity: { sourcesSha256, seed }, settings };
  return runBench<TypedStretch>(invocation, options, plan, async ({ engine, signal, store }) => {
    await withProgress(invocation.output, "caution", stretches, async (advance) => {
      for (let index = store.results.length; index < stretches && !signal.aborted; index += 1) {
        // Each by a chance of its own, so that a run that was cut off goes on with the same ones.
        const random = createRandom(seed * 100_003 + index);
        const wanted = PLACE_KINDS[index % PLACE_KINDS.length];
        for (let tries = 0; tries < 50; tries += 1) {
          const { file, text } = files[Math.floor(random.next() * files.length)];
          const stretch = drawStretch(file, text, wanted, random);
          if (stretch === undefined) continue;
          const keys = await typeStretch(engine, stretch, signal);
          if (!signal.aborted) await store.add({ file, keys });
          break;
        }
        advance();
      }
    });
    if (signal.aborted) return undefined;
    const results = summarizeCaution(store.results.slice(0, stretches));
    const shown = ({ shown: share, right, changes }: Seen): string =>
      `text at ${percent(share)} of keys, right in ${percent(right)}, ${changes.toFixed(1)} changes in 100 keys`;
    const lines = [`often: ${shown(results.often)}`, ...LEVELS.map((level) => `${level}: ${shown(results.heldOut[level])} (held out)`)];
    return { results, lines, plots: [] };
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
