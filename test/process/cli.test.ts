import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DoctorReport } from "../../src/cli/doctorReport.js";
import type { RaceReport } from "../../src/measure/raceReport.js";
import type { CompleteResult, InfillResult } from "../../src/protocol/messages.js";
import { bundledManifest, bundledOption } from "../models/bundledModels.js";
import { testPair } from "../models/testPair.js";
import { childPids, isRunning } from "./childPids.js";
import { lastJson, runCli, startCli } from "./runCli.js";

const SOURCE = [
  "def total_price(items):",
  '    """Return the sum of the prices of all items."""',
  "    total = 0",
  "    for item in items:",
  "        total += item.price",
  "    return total",
  "",
  "",
  "def mean_price(items):",
  '    """Return the mean of the prices of all items."""',
  "    ",
].join("\n");
/** One past the last unit of `SOURCE`. */
const END = "11:5";
const TOKENS = ["--max-tokens", "24"];
const MODELS = ["--models", testPair];

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

const REFUSED: readonly [claim: string, bytes: string | Uint8Array, at: string, code: string, message: RegExp][] = [
  ["a line that does not exist is refused with the number of lines", "a\nb", "3:1", "badPosition", /the file has 2 lines/],
  ["a column that does not exist is refused with the last column", "abc\r\nb", "1:5", "badPosition", /line 1 ends at column 4/],
  ["a place inside an emoji is refused", "x😀", "1:3", "badPosition", /two UTF-16 units/],
  ["an empty file has no second line", "", "2:1", "badPosition", /the file has 1 line/],
  ["a file with NUL characters is refused", "a\0b", "1:1", "notText", /binary file/],
  ["a picture is refused", Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0), "1:1", "notText", /not valid UTF-8/],
];

/** Resolves at the first piece of text. Rejects when the process ends without any. */
async function firstOutput(child: ReturnType<typeof startCli>): Promise<void> {
  const ended = once(child, "close").then(([code]) => assert.fail(`ended with ${String(code)} before it wrote anything`));
  ended.catch(() => {});
  await Promise.race([once(child.stdout, "data"), ended]);
}

describe("lacuna as a process", function () {
  this.timeout(60_000);
  let folder = "";
  let source = "";

  const put = async (name: string, bytes: string | Uint8Array): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return file;
  };
  const complete = async (file: string, at: string, ...more: string[]): Promise<CompleteResult> => {
    const result = await runCli(["complete", file, "--at", at, ...MODELS, ...TOKENS, "--json", ...more]);
    assert.equal(result.code, 0, result.stderr);
    return lastJson(result);
  };

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-"));
    source = await put("prices.py", SOURCE);
  });
  after(() => rm(folder, { recursive: true }));

  describe("input that is no document", () => {
    for (const [claim, bytes, at, code, message] of REFUSED) {
      it(claim, async () => {
        const result = await runCli(["infill", await put("refused", bytes), "--at", at, "--json"]);
        const { error } = lastJson<Failure>(result);
        assert.deepEqual([result.code, error.code], [1, code]);
        assert.match(error.message, message);
        assert.equal(result.stderr, `${error.message}\n${error.remedy}\n`);
      });
    }

    it("a file that does not exist is named", async () => {
      const result = await runCli(["complete", path.join(folder, "missing.py"), "--at", "1:1"]);
      assert.equal(result.code, 1);
      assert.match(result.stderr, /There is no file .*missing\.py\.\n/);
      assert.equal(result.stdout, "");
    });

    it("a folder is named as one", async () => {
      const result = await runCli(["complete", folder, "--at", "1:1", "--json"]);
      assert.equal(result.code, 1);
      assert.match(lastJson<Failure>(result).error.message, /is a folder/);
    });

    it("a folder without models is told, with a remedy", async () => {
      const empty = path.join(folder, "empty");
      await mkdir(empty);
      const result = await runCli(["complete", source, "--at", END, "--json", "--models", empty]);
      assert.equal(result.code, 1);
      const { error } = lastJson<Failure>(result);
      assert.equal(error.code, "modelMissing");
      assert.match(error.message, /The folder .*empty has no readable manifest\.json\./);
    });

    it("a models folder that does not exist is named as such, with a remedy that does not blame the installation", async () => {
      const nowhere = path.join(folder, "nowhere");
      for (const command of [["complete", source, "--at", END], ["doctor"]]) {
        const { code, stdout, stderr } = await runCli([...command, "--models", nowhere]);
        const said = `${stdout}${stderr}`;
        assert.equal(code, 1);
        assert.ok(said.includes(`There is no folder ${nowhere}.`), said);
        assert.doesNotMatch(said, /[Rr]einstall|`lacuna/);
      }
    });

    it("wrong usage ends with exit code 2", async () => {
      const result = await runCli(["infill", source, "--at", "2:1", "--to", "1:1"]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /--to comes before --at/);
    });
  });

  describe("infill", () => {
    it("answers with every field, and puts the middle alone on stdout without --json", async () => {
      const args = ["infill", source, "--at", "5:9", "--to", "5:28", "--seed", "3", ...MODELS];
      const result = await runCli([...args, "--json"]);
      assert.equal(result.code, 0, result.stderr);
      assert.equal(result.stdout.trimEnd().split("\n").length, 1);
      const { outcome, middle, tokens, passes, ms, length, method, model, device } = lastJson<InfillResult>(result);
      assert.deepEqual([outcome, method, device], ["done", "auto", "cpu"]);
      assert.ok(middle.length > 0 && tokens > 0 && passes.diffuser > 0 && ms > 0 && model !== "");
      assert.ok(length.candidates.length > 1 && length.candidates.every((candidate) => Number.isFinite(candidate.score)));
      assert.ok(length.candidates.some((candidate) => candidate.length === length.initial));
      const shown = await runCli(args);
      assert.deepEqual([shown.code, shown.stdout], [0, middle]);
    });

    it("--deadline 0 ends at once, with nothing and without a pass", async () => {
      const result = await runCli(["infill", source, "--at", "5:9", "--to", "5:28", "--deadline", "0", ...MODELS, "--json"]);
      assert.equal(result.code, 0, result.stderr);
      const { outcome, middle, tokens, passes } = lastJson<InfillResult>(result);
      assert.deepEqual([outcome, middle, tokens, passes], ["done", "", 0, { verifier: 0, diffuser: 0 }]);
    });

    it("a hole between emoji is filled", async () => {
      const file = await put("emoji.py", 'smile = "😀"\ngreeting = "😀😀"\n');
      const result = await runCli(["infill", file, "--at", "2:15", "--json", ...MODELS, ...TOKENS]);
      assert.equal(result.code, 0, result.stderr);
      assert.equal(lastJson<InfillResult>(result).outcome, "done");
    });
  });

  describe("complete", () => {
    it("answers with every field, and its counts agree", async () => {
      const result = await complete(source, END);
      assert.ok(result.tokens > 0 && result.tokens <= 24);
      assert.equal(
        result.blocks.reduce((sum, block) => sum + block, 0),
        result.tokens,
      );
      assert.equal(result.blocks.length, result.verifies);
      assert.ok(result.accepted <= result.drafted && result.tokensPerSecond > 0 && result.ms > 0);
    });

    it("what is streamed to people is the text that JSON has", async () => {
      const { text } = await complete(source, END);
      const shown = await runCli(["complete", source, "--at", END, ...MODELS, ...TOKENS]);
      assert.deepEqual([shown.code, shown.stdout], [0, text]);
    });

    it("the same seed gives the same text at temperature 1", async () => {
      const sampled = ["--temperature", "1", "--top-p", "0.95", "--seed", "11"];
      assert.equal((await complete(source, END, ...sampled)).text, (await complete(source, END, ...sampled)).text);
    });

    it("standard input, UTF-8 with mark and UTF-16 are the same document", async () => {
      const { text } = await complete(source, END);
      const piped = await runCli(["complete", "-", "--at", END, ...MODELS, ...TOKENS, "--json"], SOURCE);
      assert.equal(lastJson<CompleteResult>(piped).text, text);
      assert.equal((await complete(await put("mark.py", `\ufeff${SOURCE}`), END)).text, text);
      assert.equal((await complete(await put("utf16.py", Buffer.from(`\ufeff${SOURCE}`, "utf16le")), END)).text, text);
    });

    it("a document with CR LF gets the same text with CR LF", async () => {
      const { text } = await complete(source, END);
      const windows = await complete(await put("windows.py", SOURCE.replaceAll("\n", "\r\n")), END);
      assert.equal(windows.text, text.replaceAll("\n", "\r\n"));
    });

    it("the only place of an empty file is good enough", async () => {
      assert.equal((await complete(await put("empty.py", ""), "1:1")).outcome, "done");
    });

    it("a lone surrogate in a UTF-16 file does no harm", async () => {
      const file = await put("lone.py", Buffer.from(`\ufeffname = "\ud83d"\nprint(`, "utf16le"));
      assert.equal((await complete(file, "2:7")).outcome, "done");
    });

    it("a file of 20 MB takes no longer than reading it", async () => {
      const line = "value = compute(value)\n";
      const lines = Math.ceil(20_000_000 / line.length);
      const big = await put("big.py", line.repeat(lines) + SOURCE);
      const small = await put("small.py", line.repeat(2000) + SOURCE);
      const args = (file: string, before: number): string[] => ["complete", file, "--at", `${before + 11}:5`, ...MODELS, ...TOKENS, "--json"];
      const expected = await runCli(args(small, 2000));
      const result = await runCli(args(big, lines));
      assert.equal(result.code, 0, result.stderr);
      assert.ok(result.ms < expected.ms + 3000, `${result.ms} ms against ${expected.ms} ms`);
    });
  });

  it("race finds drafted text equal to undrafted decoding in the same passes", async () => {
    const result = await runCli(["race", source, "--at", END, ...MODELS, ...TOKENS, "--rounds", "2", "--json"]);
    assert.equal(result.code, 0, result.stderr);
    const { lossless, identical, plainDiffersFrom, obstacle, speedup, ar, deer, rounds, tokens } = lastJson<RaceReport>(result);
    assert.equal(lossless, true);
    assert.equal(identical, ar.text === deer.text);
    assert.equal(plainDiffersFrom === null, identical);
    assert.equal(rounds, 2);
    assert.ok(tokens > 0 && (speedup === null ? obstacle === "busy" : speedup > 0));
    assert.ok(ar.range[0] <= ar.tokensPerSecond && ar.tokensPerSecond <= ar.range[1]);
    assert.ok(deer.meanAccepted >= 1 && deer.acceptedDraftTokens <= deer.draftedTokens);
  });

  it("a full disk ends it with a sentence and a remedy", async function () {
    if (process.platform !== "linux") return this.skip();
    const full = await open("/dev/full", "w");
    try {
      const child = spawn(process.execPath, ["dist/cli.js", "--help"], { stdio: ["ignore", full.fd, "pipe"] });
      let stderr = "";
      child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const [code] = (await once(child, "close")) as [number | null];
      assert.equal(code, 1);
      assert.equal(stderr, "The output cannot be written: no space is left on the disk.\nFree some space, or write to another disk.\n");
    } finally {
      await full.close();
    }
  });

  it("doctor finds models, cpu backend and self-tests in order", async () => {
    const result = await runCli(["doctor", ...bundledOption, "--json"]);
    const { ok, problems, backends, models, selfTests } = lastJson<DoctorReport>(result);
    assert.deepEqual([result.code, ok, problems], [0, true, []]);
    const named = bundledManifest().models;
    const tokenizers = new Set(named.flatMap((model) => ("tokenizer" in model ? [model.tokenizer.path] : []))).size;
    assert.ok(models.length === named.length + tokenizers && models.every((model) => model.ok));
    const cpu = backends.find(({ name }) => name === "cpu");
    assert.equal(cpu?.ok, true);
    assert.match(cpu.detail, /^\d+\.\d ms for a pass over \d+ tokens$/);
    assert.ok(selfTests.length > 0);
  });

  it("demo ends with what its race showed", async () => {
    const { code, stdout, stderr } = await runCli(["demo", ...bundledOption]);
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n").slice(-6);
    assert.match(lines[0] ?? "", /^(As fast with drafts as without|\d+\.\dx as fast with drafts|The machine was too busy)/);
    assert.match(lines[1] ?? "", /^ {2}With drafts: \d+ tokens\/s while writing/);
    assert.match(lines[2] ?? "", /^ {2}Without, one token a pass: \d+ tokens\/s while writing/);
    assert.match(lines[4] ?? "", /^ {2}Same text as undrafted decoding in the same passes: yes/);
    assert.match(lines[5] ?? "", /^ {2}One-token decoding wrote (the same text here|another text here, from token \d+ on: it rounds differently)\.$/);
  });

  it("import of a folder without checkpoint says what is missing", async () => {
    const result = await runCli(["import", folder, "--role", "verifier", "--out", path.join(folder, "out"), "--json"]);
    assert.equal(result.code, 1);
    assert.equal(lastJson<Failure>(result).error.code, "checkpointUnusable");
  });

  it("Ctrl-C ends with exit code 130 and the text so far, and leaves no engine behind", async () => {
    const child = startCli(["complete", source, "--at", "2:1", "--decoder", "ar", "--max-tokens", "900", "--temperature", "1", ...MODELS]);
    child.stdin.end();
    await firstOutput(child);
    const engines = childPids(child.pid as number);
    assert.equal(engines.length, 1);
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 130);
    assert.equal(isRunning(engines[0]), false);
  });

  it("a signal to the whole group, at any time, is an end and no crash of the engine", async function () {
    if (process.platform === "win32") this.skip();
    for (const waitMs of [300, 600, 1000]) {
      const child = startCli(["race", source, "--at", "2:1", "--rounds", "100", ...MODELS], { detached: true });
      child.stdin.end();
      let said = "";
      child.stderr.on("data", (text: Buffer) => (said += text.toString()));
      await pause(waitMs);
      process.kill(-(child.pid as number), "SIGTERM");
      const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      // Before it listens, a signal ends it as it ends any program.
      assert.ok(code === 143 || signal === "SIGTERM", `after ${waitMs} ms: ${code} ${signal}`);
      assert.doesNotMatch(said, /ended unexpectedly/);
    }
  });

  it("a reader that leaves early is no failure", async () => {
    const child = startCli(["complete", source, "--at", END, "--max-tokens", "64", ...MODELS]);
    child.stdin.end();
    await firstOutput(child);
    child.stdout.destroy();
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 0);
  });
});
