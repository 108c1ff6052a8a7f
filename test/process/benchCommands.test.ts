import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { BENCH } from "../../bench/commands/commandLine.js";
import { testPair } from "../models/testPair.js";
import { runWith, type RunOptions, type RunResult } from "../unit/cli/runWith.js";

const RECORDING = [{ name: "tiny", origin: { licence: "none needed" }, start: "(" }, [0, 1, 0, "a"], [30, 2, 0, "o"], [60, 3, 0, "x"]].map((line) =>
  JSON.stringify(line),
);
const SOURCE = Array.from({ length: 120 }, (_, index) => `def function_${index}(value):\n    return value + ${index}\n`).join("");

/** The head that every record has. */
interface BenchRecord {
  readonly benchmark: string;
  readonly command: string;
  readonly commit: string;
  readonly machine: { readonly cpu: string; readonly load: number };
  readonly models: readonly { readonly sha256: string }[];
  readonly seed: number;
  readonly results: Record<string, unknown>;
}

describe("bench", function () {
  this.timeout(60_000);
  let folder = "";
  let out = "";

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-cli-bench-"));
    out = path.join(folder, "out");
    await writeFile(path.join(folder, "tiny.jsonl"), `${RECORDING.join("\n")}\n`);
    await writeFile(path.join(folder, "source.py"), SOURCE);
  });

  const bench = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    runWith([...args, "--out", out, "--models", testPair, "--json"], { ...options, commandLine: BENCH });
  const latency = (...args: string[]): string[] => ["latency", "--recording", path.join(folder, "tiny.jsonl"), ...args];
  const speed = (...args: string[]): string[] => ["speed", "--prompts", folder, "--places", "3", "--contexts", "64", "--blocks", "4,auto", ...args];
  const recordOf = async (): Promise<BenchRecord> => JSON.parse(await readFile(path.join(out, "result.json"), "utf8")) as BenchRecord;

  it("latency writes a record that says where its numbers come from, and plots", async () => {
    const { exitCode, stdout, stderr } = await bench(latency());
    assert.equal(exitCode, 0, stderr);
    const record = await recordOf();
    assert.deepEqual(JSON.parse(stdout), record);
    assert.deepEqual([record.benchmark, record.seed, record.results.keystrokes], ["latency", 1, 3]);
    assert.ok(record.models.length === 2 && record.models.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256)));
    assert.ok(record.machine.cpu !== "" && record.machine.load >= 0);
    assert.equal(record.command, "npm run bench -- latency --recording tiny.jsonl --out out --models models --json");
    const files = await readdir(out);
    for (const file of ["first-text.svg", "first-text.png", "keystrokes.svg", "keystrokes.png", "rows.jsonl"]) assert.ok(files.includes(file), file);
  });

  it("latency asks for what was not typed of the last suggestion, and a second run for nothing", async () => {
    const first = await bench(latency("--no-plots"));
    assert.deepEqual(
      first.script.requests.map(({ prefix }) => prefix),
      ["(a", "(aox"],
    );
    assert.deepEqual((await readdir(out)).sort(), ["result.json", "rows.jsonl"]);
    const second = await bench(latency("--no-plots"));
    assert.deepEqual([second.exitCode, second.script.requests.length], [0, 0]);
  });

  it("results of other choices are not mixed in", async () => {
    await bench(latency("--no-plots"));
    const { exitCode, stderr } = await bench(latency("--no-plots", "--tokens", "9"));
    assert.equal(exitCode, 1);
    assert.match(stderr, /holds results of other/);
  });

  it("speed runs plain and drafted decoding on places drawn by the seed, and sums up ratios", async () => {
    const { exitCode, stderr, script } = await bench(speed("--tokens", "16", "--rounds", "2"), { script: { pieces: ["x"] } });
    assert.equal(exitCode, 0, stderr);
    const decoders = script.requests.map((request) => ("decoder" in request ? `${request.decoder}:${request.block}` : ""));
    const count = (name: string): number => decoders.filter((each) => each === name).length;
    // A warm-up of one round, then three places of two rounds.
    assert.deepEqual([count("arPadded:auto"), count("ar:auto"), count("deer:4"), count("deer:auto")], [4, 7, 7, 7]);
    const { results } = await recordOf();
    const [group] = results.groups as { prompts: number; shortPrompts: number; referenceTokens: number; racers: { promptsThatDiffer: number }[] }[];
    // The scripted engine writes six tokens: too few to time.
    assert.deepEqual([group.prompts, group.shortPrompts, group.referenceTokens], [3, 3, 18]);
    assert.deepEqual(
      group.racers.map(({ promptsThatDiffer }) => promptsThatDiffer),
      [0, 0, 0],
    );
    assert.equal((results.passCurve as unknown[]).length, 8);
  });

  it("speed gives the same texts for the same seed, and other places for another", async () => {
    const prefixes = async (...args: string[]): Promise<string[]> => {
      out = path.join(folder, `out-${args.join("")}-${Math.round(performance.now())}`);
      return (await bench(speed("--no-plots", "--rounds", "1", ...args))).script.requests.map(({ prefix }) => prefix);
    };
    const first = await prefixes();
    assert.deepEqual(await prefixes(), first);
    assert.notDeepEqual(await prefixes("--seed", "2"), first);
  });

  it("an interrupted run says so, and keeps its results for the next", async () => {
    const { exitCode, stdout, stderr } = await bench(speed("--no-plots"), { interrupts: 1, script: { waitsForAbort: true } });
    assert.equal(exitCode, 130);
    assert.deepEqual(JSON.parse(stdout), { outcome: "cancelled" });
    assert.match(stderr, /The same command goes on from 0 results/);
  });

  it("what cannot be measured is told with a remedy", async () => {
    const wrong: [args: string[], code: string][] = [
      [["latency", "--recording", path.join(folder, "none")], "unreadableFile"],
      [["speed", "--prompts", path.join(folder, "none")], "unreadableFile"],
      [["speed", "--prompts", folder, "--contexts", "30000"], "benchUnusable"],
      [["holes", "--repo", folder, "--test", "exit 1"], "benchUnusable"],
      [["holes", "--repo", folder, "--test", "exit 0"], "benchUnusable"],
      [["infilling", "--data", path.join(folder, "none")], "unreadableFile"],
    ];
    for (const [args, code] of wrong) {
      const { exitCode, stdout } = await bench([...args, "--no-plots"]);
      const { error } = JSON.parse(stdout) as { error: { code: string; remedy: string } };
      assert.deepEqual([exitCode, error.code, error.remedy !== ""], [1, code, true], args.join(" "));
    }
  });
});
