import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { meanInterval } from "../../../bench/library/bootstrap.js";
import { summarize, type RowResult } from "../../../bench/library/infillingBench.js";
import { cutLines } from "../../../bench/library/cutLines.js";
import { functionOf, readInfillingRows, testProgram } from "../../../bench/library/infillingRows.js";
import { ResultStore } from "../../../bench/library/resultStore.js";

const ROW = {
  task_id: "SingleLineInfilling/HumanEval/7/L2",
  entry_point: "double",
  prompt: "def double(x):\n",
  suffix: "    return y\n",
  canonical_solution: "    y = 2 * x\n",
  test: "def check(candidate):\n    assert candidate(2) == 4\n",
};

async function folder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), "lacuna-bench-"));
}

describe("holes of several lines", () => {
  const long = { ...ROW, suffix: "\n    if y > 100:\n        return 100\n    return y\n" };
  const body = long.canonical_solution + long.suffix;

  it("are whole lines, whose first and last are not blank, and leave the function as it was", () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const rows = cutLines([long], { least: 2, most: 3 }, 2, seed);
      assert.ok(rows.length > 0);
      assert.equal(new Set(rows.map(({ task_id }) => task_id)).size, rows.length);
      for (const { prompt, canonical_solution: hole, suffix } of rows) {
        assert.equal(prompt + hole + suffix, ROW.prompt + body);
        assert.ok(prompt.endsWith("\n") && hole.endsWith("\n"));
        const lines = hole.slice(0, -1).split("\n");
        assert.ok(lines.length >= 2 && lines.length <= 3);
        assert.ok(lines[0].trim() !== "" && lines.at(-1)?.trim() !== "");
      }
    }
  });

  it("are cut behind the shortest prefix of each function, and only where it has as many lines", () => {
    const later = {
      ...long,
      task_id: "SingleLineInfilling/HumanEval/7/L3",
      prompt: ROW.prompt + long.canonical_solution,
      canonical_solution: "",
      suffix: long.suffix,
    };
    const other = { ...ROW, task_id: "SingleLineInfilling/HumanEval/8/L0", suffix: "" };
    const rows = cutLines([later, long, other], { least: 4, most: 5 }, 3, 1);
    assert.ok(rows.length > 0);
    for (const row of rows) {
      assert.equal(functionOf(row), "HumanEval/7");
      assert.equal(row.prompt + row.canonical_solution + row.suffix, ROW.prompt + body);
    }
  });
});

describe("infilling rows", () => {
  it("are read plain and gzipped", async () => {
    const at = await folder();
    const text = `${JSON.stringify(ROW)}\n`;
    await writeFile(path.join(at, "plain.jsonl"), text);
    await writeFile(path.join(at, "packed.jsonl.gz"), gzipSync(text));
    for (const file of ["plain.jsonl", "packed.jsonl.gz"]) assert.deepEqual(await readInfillingRows(path.join(at, file)), [ROW]);
  });

  it("are refused with the line that is wrong", async () => {
    const file = path.join(await folder(), "rows.jsonl");
    await writeFile(file, `${JSON.stringify(ROW)}\n{"task_id": "x"}\n`);
    await assert.rejects(readInfillingRows(file), /rows\.jsonl:2 lacks entry_point/);
    await writeFile(file, "no json\n");
    await assert.rejects(readInfillingRows(file), /:1 is not JSON/);
    await writeFile(file, "\n");
    await assert.rejects(readInfillingRows(file), /has no rows/);
    await assert.rejects(readInfillingRows(`${file}.missing`), /cannot be read/);
  });

  it("make a program of prefix, middle, suffix and test, and name their function", () => {
    assert.ok(testProgram(ROW, "MIDDLE").startsWith("def double(x):\nMIDDLE    return y\n"));
    assert.ok(testProgram(ROW, "MIDDLE").endsWith("check(double)\n"));
    assert.equal(functionOf(ROW), "HumanEval/7");
  });
});

describe("summarize", () => {
  const result = (changes: Partial<RowResult>): RowResult => ({
    task: "t", function: "f", method: "m", outcome: "failed", oneLineOutcome: "failed", isExact: false, editSimilarity: 0.5,
    tokens: 4, trueTokens: 5, passes: 10, ms: 20, middle: "", ...changes,
  }); // prettier-ignore

  it("counts what passed, whole and cut to a line, and lengths that were right", () => {
    const results = [
      result({ outcome: "passed", oneLineOutcome: "passed", isExact: true, tokens: 5, function: "a" }),
      result({ oneLineOutcome: "passed", function: "b", passes: 20, ms: 40 }),
      result({ outcome: "timeout", function: "c", ms: 10 }),
      result({ function: "d", ms: 30 }),
    ];
    const summary = summarize("m", results);
    assert.deepEqual([summary.rows, summary.pass1, summary.pass1OneLine, summary.exact, summary.rightLength], [4, 0.25, 0.5, 0.25, 0.25]);
    assert.deepEqual([summary.meanPasses, summary.medianMs], [12.5, 30]);
    assert.ok(summary.pass1Interval.low === 0 && summary.pass1Interval.high >= 0.5);
  });
});

describe("meanInterval", () => {
  it("draws groups, not members: many copies of one group tell no more than one", () => {
    const few = Array.from({ length: 10 }, (_, index) => ({ group: String(index), value: index % 2 }));
    const many = few.flatMap((item) => Array.from({ length: 50 }, () => item));
    const of = (items: typeof few): number[] =>
      Object.values(
        meanInterval(
          items,
          ({ group }) => group,
          ({ value }) => value,
        ),
      );
    assert.deepEqual(of(many), of(few));
    const [low, high] = of(few);
    assert.ok(low < 0.3 && high > 0.7, `${low} to ${high}`);
  });

  it("is a point where all members agree", () => {
    assert.deepEqual(
      meanInterval([1, 1, 1], String, (value) => value),
      { low: 1, high: 1 },
    );
  });
});

describe("ResultStore", () => {
  it("goes on behind the last whole line", async () => {
    const at = await folder();
    const first = await ResultStore.open<number>(at, "run");
    await first.add(1);
    await first.add(2);
    const file = path.join(at, "rows.jsonl");
    await writeFile(file, `${await readFile(file, "utf8")}{"run":"run","res`);
    assert.deepEqual((await ResultStore.open<number>(at, "run")).results, [1, 2]);
  });

  it("refuses results of another run", async () => {
    const at = await folder();
    await (await ResultStore.open<number>(at, "one")).add(1);
    await assert.rejects(ResultStore.open<number>(at, "two"), /other models or of another build/);
  });
});
