import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTokenizer } from "../../src/text/tokenizer.js";
import { lastJson, runCli, startCli } from "../process/runCli.js";
import { agreementWith, checkpointPath, FIXTURES, readGolden, runImport, type ImportRun } from "./importedCheckpoint.js";

const MOST_MEMORY_BYTES = 1.5e9;
const QWEN = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf";
const SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf";
const LENDING = path.join(FIXTURES, "lending.py");
/** What is taken out of lending.py, to be written again. */
const HOLE = "book.copies - lent";
/** SmolLM2 was not trained to fill in; tokens that it has no other use for mark the hole. */
const SMOLLM2_PROMPT = {
  promptFormat: { order: "suffixFirst", suffix: ["<issue_start>"], prefix: ["<issue_comment>"], middle: ["<issue_closed>"] },
  ends: ["<|endoftext|>"],
};

const say = (text: string): boolean => process.stderr.write(`part: ${text}\n`);

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-checkpoints-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A file with a hole, and where that is, as the command line takes it. */
function withHole(): { file: string; at: string } {
  const text = readFileSync(LENDING, "utf8");
  const before = text.slice(0, text.indexOf(HOLE)).split("\n");
  const file = path.join(folder, "lending.py");
  writeFileSync(file, text.replace(HOLE, ""));
  return { file, at: `${before.length}:${(before.at(-1) ?? "").length + 1}` };
}

async function write<T>(command: "complete" | "infill", models: string): Promise<T> {
  const { file, at } = withHole();
  const lines = command === "infill" ? ["--max-lines", "1"] : [];
  const result = await runCli([command, file, "--at", at, "--max-tokens", "24", ...lines, "--models", models, "--device", "cpu", "--json"]);
  assert.equal(result.code, 0, result.stderr);
  return lastJson<T>(result);
}

/** @param agreement what is known of the form that the weights are stored in, with room for another processor's rounding */
function checkpoint(file: string, golden: string, more: () => readonly string[], agreement: { same: number; otherThanSure: number }): void {
  const out = (): string => path.join(folder, golden);
  let run: ImportRun;
  before(async () => {
    run = await runImport(checkpointPath(file), out(), more());
    say(`import of ${file}: ${(run.ms / 1000).toFixed(0)} s, at most ${(run.peakBytes / 1e6).toFixed(0)} MB of memory`);
  });
  // Nothing is needed of a model that was tested, and it is large.
  after(() => rmSync(out(), { recursive: true, force: true }));

  it("is imported by the command line in less than 1.5 GB of memory", () => {
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.peakBytes < MOST_MEMORY_BYTES, `${run.peakBytes}`);
    assert.deepEqual(readdirSync(out()).sort(), ["manifest.json", "verifier"]);
  });

  it("splits a file into the tokens that the reference splits it into", () => {
    const tokenizer = createTokenizer(readFileSync(path.join(out(), "verifier/tokenizer.json"), "utf8"));
    assert.deepEqual(tokenizer.encode(readFileSync(LENDING, "utf8")), readGolden(golden).tokens);
  });

  it("expects the tokens that the file's own values expect", async () => {
    const reference = readGolden(golden);
    const found = await agreementWith(reference, out());
    const what = `${(100 * found.same).toFixed(1)} % the same, ${found.otherThanSure} surely others, perplexity ${found.perplexity.toFixed(3)}`;
    say(`${file}: ${what} (${reference.perplexity} with the file's own values)`);
    assert.ok(found.same >= agreement.same, what);
    assert.ok(found.otherThanSure <= agreement.otherThanSure, what);
    // Rotary positions applied to rows in another order would make it several times as large.
    assert.ok(Math.abs(Math.log(found.perplexity / reference.perplexity)) < 0.1, what);
  });
}

/** All copies, however they are counted, less those that are lent. */
const WHAT_IS_LEFT = /(copies|count\(book\)) - lent/;

describe("Qwen2.5-Coder 1.5B", () => {
  checkpoint(QWEN, "qwen", () => [], { same: 0.93, otherThanSure: 5 });

  it("completes a line with what is meant", async () => {
    const { outcome, text } = await write<{ outcome: string; text: string }>("complete", path.join(folder, "qwen"));
    assert.equal(outcome, "done");
    assert.match(text.split("\n")[0], WHAT_IS_LEFT);
  });

  it("fills a hole with what is meant", async () => {
    const { outcome, middle } = await write<{ outcome: string; middle: string }>("infill", path.join(folder, "qwen"));
    assert.equal(outcome, "done");
    assert.match(middle, WHAT_IS_LEFT);
    assert.ok(!middle.includes("\n"));
  });
});

describe("SmolLM2 135M", () => {
  const prompt = (): readonly string[] => {
    const file = path.join(folder, "smollm2.json");
    writeFileSync(file, JSON.stringify(SMOLLM2_PROMPT));
    return ["--prompt", file];
  };
  checkpoint(SMOLLM2, "smollm2", prompt, { same: 0.85, otherThanSure: 20 });

  for (const command of ["complete", "infill"] as const) {
    // It never learned to fill in: what it writes is its own affair.
    it(`writes something where it is told how to mark a hole: ${command}`, async () => {
      const { outcome, text, middle } = await write<{ outcome: string; text?: string; middle?: string }>(command, path.join(folder, "smollm2"));
      assert.equal(outcome, "done");
      assert.match(text ?? middle ?? "", /\S/);
    });
  }
});

describe("an import that is stopped", () => {
  it("ends at once and leaves nothing", async function () {
    if (process.platform === "win32") this.skip();
    const out = path.join(folder, "stopped");
    const child = startCli(["import", checkpointPath(QWEN), "--out", out]);
    child.stdin.end();
    const data = path.join(out, "verifier.unfinished/model.onnx.data");
    // Some hundred megabytes in, it is within the layers.
    while (child.exitCode === null && !(existsSync(data) && statSync(data).size > 3e8)) await delay(50);
    const start = performance.now();
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 130);
    assert.ok(performance.now() - start < 10_000);
    assert.ok(!existsSync(out));
  });
});
