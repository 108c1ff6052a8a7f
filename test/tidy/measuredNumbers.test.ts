import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { ownTableRows, unprovenNumbers } from "./measuredNumbers.js";

const readRecord = (file: string): unknown => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);

describe("measured numbers", () => {
  it("in README.md are what the record they link to says", () => {
    assert.deepEqual(unprovenNumbers(readFileSync("README.md", "utf8"), readRecord), []);
  });

  it("in the tables of docs/benchmarks.md are what the record says, or name the paper they are from", () => {
    const rows = ownTableRows(readFileSync("docs/benchmarks.md", "utf8"));
    assert.ok(rows.length > 0);
    assert.deepEqual(unprovenNumbers(rows, readRecord), []);
  });

  const RECORD = {
    results: {
      share: 0.9214,
      firstMs: 1534,
      bytes: 195_300_000,
      groups: [
        { context: 128, temperature: 0, racers: [{ racer: "deer:auto", ratio: 1.4 }] },
        {
          context: 512,
          temperature: 0,
          racers: [
            { racer: "ar", ratio: 1 },
            { racer: "deer:auto", ratio: 2.3149 },
          ],
        },
      ],
      tokens: 20_083,
    },
  };
  const find = (text: string): string[] => unprovenNumbers(text, (file) => (file === "bench/records/2026-01-01_x/result.json" ? RECORD : undefined));
  const link = (words: string, way: string): string => `[${words}](bench/records/2026-01-01_x/result.json#/results/${way})`;

  it("are accepted with the precision they are written in, and by the unit", () => {
    const ratio = "groups/context=512&temperature=0/racers/racer=deer:auto/ratio";
    const proven = [
      link("2.31x", ratio), link("2.3 times", ratio), link("92.1 %", "share"), link("92 %", "share"), link("1.5 s", "firstMs"),
      link("195 MB", "bytes"), link("20,083 tokens", "tokens"), link("1.4x", "groups/0/racers/0/ratio"),
    ]; // prettier-ignore
    assert.deepEqual(find(proven.join(" and ")), []);
    assert.deepEqual(find(link("2.31x", ratio).replace("bench/", "../bench/")), []);
  });

  it("are refused when the record says something else, has no such value, or does not exist", () => {
    const wrong = [
      link("2.4x", "groups/context=512/racers/racer=deer:auto/ratio"), link("93 %", "share"), link("0.92 %", "share"), link("1.6 s", "firstMs"),
      link("2.3x", "groups/temperature=0/racers/racer=deer:auto/ratio"), link("5x", "groups/context=999/ratio"), link("fast", "share"),
      "[92 %](bench/records/none/result.json#/results/share)",
    ]; // prettier-ignore
    for (const text of wrong) assert.equal(find(text).length, 1, text);
  });

  it("are refused without a link, and behind a link that names no value", () => {
    const bare = [
      "it is 2.1x as fast", "needs 48 ms", "passes 92 %", "12 passes a hole", "20,083 tokens", "36 of 37 rows", "a score of 0.91", "in 3 s",
      "[2.3x](bench/records/2026-01-01_x/result.json)", "[2.3x](https://example.org/)",
    ]; // prettier-ignore
    for (const text of bare) assert.ok(find(text).length > 0, text);
  });

  it("are not seen in code, versions, names of papers and plain counts", () => {
    const names = ["Node 20.19 or later", "Python 3.11", "LR-DLLM (arXiv 2602.07546)"];
    const free = [...names, "`sleep 3 s`", "```\n2.1x\n```", "two models", "8 bits", "exit code 130"];
    assert.deepEqual(find(free.join("; ")), []);
  });
});
