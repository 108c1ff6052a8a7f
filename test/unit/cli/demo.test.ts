import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DEMO_COMPLETION, DEMO_FILE, DEMO_HOLE, demoRaceRounds } from "../../../src/cli/demoCourse.js";
import { offsetAt } from "../../../src/cli/position.js";
import { runWith } from "./runWith.js";

const text = readFileSync(DEMO_FILE, "utf8");

describe("demo", () => {
  it("cuts out whole statements", () => {
    const [hole, continued] = [DEMO_HOLE, DEMO_COMPLETION].map(({ from, to }) => text.slice(offsetAt(text, from), offsetAt(text, to)));
    assert.match(hole, /^return .*\(lines\)$/);
    assert.match(continued, /^totals\[year\] = .*millimetres$/);
  });

  it("shows the hole's surroundings once, the answers where they belong, and ends with the readout", async () => {
    const { exitCode, stdout, script } = await runWith(["demo"], { distDir: "dist", script: { pieces: ["FIRST", "\nSECOND"] } });
    assert.equal(exitCode, 0);
    assert.match(stdout, /total:\.1f\} mm"\)\n {4}FIRST\nSECOND\n\n/);
    assert.match(stdout, /reading\.day\.year\n {8}FIRST\nSECOND\n {4}return totals\n/);
    assert.match(stdout, /As fast with drafts as without \(1\.0x\)\n {2}With drafts: 100 tokens\/s while writing/);
    assert.equal(script.requests[0].prefix + text.slice(offsetAt(text, DEMO_HOLE.from)), text);
  });

  it("shows the original lines, unless they are what was filled in", async () => {
    const original = text.slice(offsetAt(text, DEMO_HOLE.from), offsetAt(text, DEMO_HOLE.to));
    const other = await runWith(["demo"], { distDir: "dist" });
    assert.ok(other.stdout.includes(`The original lines:\n    ${original}\n`));
    const same = await runWith(["demo"], { distDir: "dist", script: { pieces: [original] } });
    assert.match(same.stdout, /These are the original lines\.\n/);
    assert.doesNotMatch(same.stdout, /The original lines:/);
  });

  it("speaks of the models that are loaded, and of no other", async () => {
    const { stdout } = await runWith(["demo"], { distDir: "dist" });
    assert.match(stdout, /^On this machine \(cpu, 1 thread\): scripted \(verifier, 0\.0 M parameters\)\.\n/);
    assert.match(stdout, /is cut out, and the verifier fills the hole\./);
  });

  it("races fewer rounds the slower the models write, and one at least", () => {
    assert.deepEqual([1e6, 600, 100, 30, 1, 0].map(demoRaceRounds), [9, 9, 1, 1, 1, 1]);
  });

  it("has one JSON line with --json", async () => {
    const { stdout } = await runWith(["demo", "--json"], { distDir: "dist" });
    assert.deepEqual(Object.keys(JSON.parse(stdout) as object), ["infill", "completion", "race"]);
  });

  it("ends at Ctrl-C", async () => {
    const { exitCode, script } = await runWith(["demo"], { distDir: "dist", interrupts: 1, script: { waitsForAbort: true } });
    assert.equal(exitCode, 130);
    assert.equal(script.disposals, 1);
  });
});
