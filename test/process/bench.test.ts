import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { testPair } from "../models/testPair.js";
import { lastJson, runBench } from "./runCli.js";

interface BenchRecord {
  readonly device: string;
  readonly results: Record<string, unknown> & { readonly textsSha256?: string };
}

const FUNCTIONS = Array.from({ length: 60 }, (_, index) => `def add_${index}(value):\n    total = value + ${index}\n    return total\n\n`).join("");
const PYTHON_TEST = "import add\nfor i in range(60):\n    assert getattr(add, f'add_{i}')(2) == 2 + i\n";
const SCRIPT = "exports.clamp = (value, most) => {\n  const least = Math.min(value, most);\n  return Math.max(0, least);\n};\n";
const TEST = [
  'const { clamp } = require("../clamp.js");',
  'require("node:test")("clamp", () => { if (clamp(5, 3) !== 3 || clamp(-1, 3) !== 0) throw 1; });',
].join("\n");

describe("the benchmarks as a process", function () {
  this.timeout(180_000);
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-bench-process-"));
    for (const name of ["prompts", "python/tests", "node/test"]) mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, "prompts", "add.py"), FUNCTIONS);
    writeFileSync(path.join(folder, "python", "add.py"), FUNCTIONS);
    writeFileSync(path.join(folder, "python", "tests", "test_add.py"), PYTHON_TEST);
    writeFileSync(path.join(folder, "node", "clamp.js"), SCRIPT);
    writeFileSync(path.join(folder, "node", "test", "clamp.test.js"), TEST);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const bench = async (out: string, ...args: string[]): Promise<BenchRecord> => {
    const result = await runBench([...args, "--out", path.join(folder, out), "--no-plots", "--models", testPair, "--json"]);
    assert.equal(result.code, 0, result.stderr);
    return lastJson<BenchRecord>(result);
  };

  it("speed finds drafts lossless, and a second run gives the same texts", async () => {
    const sizes = ["--places", "2", "--contexts", "64", "--blocks", "7", "--tokens", "24", "--rounds", "1"];
    const args = ["speed", "--prompts", path.join(folder, "prompts"), ...sizes];
    const first = await bench("a", ...args);
    const [group] = first.results.groups as { referenceTokens: number; racers: { racer: string; promptsThatDiffer: number; tokens: number }[] }[];
    assert.ok(group.referenceTokens > 0);
    const drafted = group.racers.find(({ racer }) => racer === "deer:7");
    assert.equal(drafted?.promptsThatDiffer, 0);
    assert.equal((await bench("b", ...args)).results.textsSha256, first.results.textsSha256);
  });

  it("latency types a recording and counts every keystroke", async () => {
    const args = ["latency", "--recording", "bench/recordings/queueutils.jsonl", "--keystrokes", "12", "--pace", "4"];
    const { results } = await bench("a", ...args);
    const { shares, keystrokes, engineCpuSeconds } = results as { shares: Record<string, number>; [name: string]: unknown };
    assert.equal(keystrokes, 12);
    assert.ok(Math.abs(Object.values(shares).reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    assert.ok((engineCpuSeconds as number) > 0);
  });

  const repositories: [language: string, test: string][] = [
    ["python", 'python3 -c \'import sys; sys.path.insert(0, "."); exec(open("tests/test_add.py").read())\''],
    ["node", "node --test test/"],
  ];
  for (const [language, test] of repositories) {
    it(`holes are cut, filled and tested in a ${language} repository, which stays as it was`, async () => {
      const repository = path.join(folder, language);
      const files = (): string[] => readdirSync(repository, { recursive: true, encoding: "utf8" }).sort();
      const before = files();
      const record = await bench("a", "holes", "--repo", repository, "--test", test, "--holes", "2", "--methods", "fixed:4,oracle");
      const { noticed, summaries } = record.results as { noticed: number; summaries: { all: { holes: number } }[] } & BenchRecord["results"];
      assert.deepEqual([noticed, summaries.map(({ all }) => all.holes)], [2, [2, 2]]);
      assert.deepEqual(files(), before);
      if (language === "node") assert.equal(readFileSync(path.join(repository, "clamp.js"), "utf8"), SCRIPT);
    });
  }
});
