import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { completeReadout } from "../../../src/cli/complete.js";
import { confirm } from "../../../src/cli/confirm.js";
import { infillReadout } from "../../../src/cli/infill.js";
import { LacunaError } from "../../../src/protocol/errors.js";
import { runWith } from "./runWith.js";
import { completion } from "./scriptedEngine.js";

const lastLine = (text: string): Record<string, unknown> => JSON.parse(text.trimEnd().split("\n").at(-1) as string) as Record<string, unknown>;

const NO_BOUNDS = { minTokens: undefined, maxLines: undefined, deadlineMs: undefined };
const GREEDY = { temperature: 0, topP: 1, seed: 0 };

describe("commands", () => {
  it("infill sends the text around the range and prints the middle alone on stdout", async () => {
    const args = ["infill", "-", "--at", "1:5", "--to", "1:8"];
    const { exitCode, stdout, stderr, script } = await runWith(args, { stdin: Buffer.from("a = old + b\n") });
    assert.equal(exitCode, 0);
    assert.equal(stdout, "one two");
    assert.match(stderr, /3 tokens in 5 ms, reading the prompt included, and 4 forward passes/);
    assert.deepEqual(script.requests, [{ prefix: "a = ", suffix: " + b\n", method: "auto", maxTokens: 128, ...NO_BOUNDS, ...GREEDY }]);
  });

  it("infill asks once more, beyond the length it found, for a longer or shorter text", async () => {
    const boundsOf = async (...args: string[]): Promise<unknown[]> => {
      const { script } = await runWith(["infill", "-", "--at", "1:1", ...args]);
      return script.requests.map((request) => ("minTokens" in request ? [request.minTokens, request.maxTokens] : []));
    };
    assert.deepEqual(await boundsOf("--longer"), [
      [undefined, 128],
      [4, 128],
    ]);
    assert.deepEqual(await boundsOf("--shorter"), [
      [undefined, 128],
      [undefined, 2],
    ]);
  });

  it("complete sends its options on", async () => {
    const sampling = ["--temperature", "1", "--top-p", ".5", "--seed", "7", "--max-tokens", "9"];
    const { script } = await runWith(["complete", "-", "--at", "1:2", "--decoder", "deer", "--block", "8", ...sampling], {
      stdin: Buffer.from("ab"),
    });
    assert.deepEqual(script.requests, [{ prefix: "a", suffix: "b", decoder: "deer", block: 8, maxTokens: 9, temperature: 1, topP: 0.5, seed: 7 }]);
  });

  it("the language goes with the text, as the name of the file tells it", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-"));
    const file = path.join(folder, "empty.py");
    writeFileSync(file, "");
    try {
      for (const command of ["infill", "complete", "race"]) {
        const { script } = await runWith([command, file, "--at", "1:1"]);
        assert.ok(script.requests.length > 0);
        for (const { languageId } of script.requests) assert.equal(languageId, "python", command);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("the mark of UTF-8 is kept out of the prompt", async () => {
    const { script } = await runWith(["complete", "-", "--at", "1:2"], { stdin: Buffer.from("\ufeffab") });
    assert.equal(script.requests[0].prefix, "a");
  });

  it("with --json stdout is one line, the result", async () => {
    const { exitCode, stdout } = await runWith(["--json", "infill", "-", "--at", "1:1"]);
    assert.equal(exitCode, 0);
    assert.equal(stdout.trimEnd().split("\n").length, 1);
    const { middle, tokens, passes, ms, length, method, model, device } = lastLine(stdout);
    const expected = { initial: 2, final: 3, candidates: [{ length: 2, score: -1 }] };
    assert.deepEqual(
      [middle, tokens, passes, ms, length, method, model, device],
      ["one two", 3, { verifier: 1, diffuser: 3 }, 5, expected, "auto", "scripted", "cpu"],
    );
  });

  it("a race warms both up, decodes once without drafts in the same passes, and takes turns at going first", async () => {
    const { exitCode, stdout, script } = await runWith(["race", "-", "--at", "1:1", "--rounds", "2", "--json"]);
    assert.equal(exitCode, 0);
    const order = script.requests.map((request) => ("decoder" in request ? request.decoder : request.method));
    assert.deepEqual(order, ["ar", "deer", "arPadded", "ar", "deer", "deer", "ar"]);
    const { outcome, identical, lossless, speedup, rounds } = lastLine(stdout);
    assert.deepEqual([outcome, identical, lossless, speedup, rounds], ["done", true, true, 1, 2]);
  });

  it("complete says when the first text came and how fast it was written, which is without the reading of the prompt", async () => {
    const { stderr } = await runWith(["complete", "-", "--at", "1:1"]);
    const readout = "6 tokens in 2 passes of the verifier, 3.0 a pass; first text after \\d+ ms, 100 tokens/s while writing";
    assert.match(stderr, new RegExp(`^${readout} \\(deer, scripted, cpu\\)\n$`));
    const nothing = await runWith(["complete", "-", "--at", "1:1"], { script: { textOf: () => "" } });
    assert.equal(nothing.stderr, "0 tokens (deer, scripted, cpu)\n");
  });

  it("an expected failure is a sentence and a remedy on stderr, exit code 1, and the engine is stopped", async () => {
    const failure = new LacunaError("engineDied", "It died.", "Try again.");
    const { exitCode, stdout, stderr, script } = await runWith(["complete", "-", "--at", "1:1", "--json"], { script: { failure } });
    assert.equal(exitCode, 1);
    assert.equal(stderr, "It died.\nTry again.\n");
    assert.deepEqual(lastLine(stdout), { error: { code: "engineDied", message: "It died.", remedy: "Try again." } });
    assert.equal(script.disposals, 1);
  });

  it("a remedy names a command that the reader can type", async () => {
    const failure = new LacunaError("manifestInvalid", "It is old.", "Convert the model again with `lacuna import`, or see `lacuna`.");
    const remedyOf = async (command: string, args: readonly string[], script: object): Promise<string> => {
      const { stdout, stderr } = await runWith([...args, "--json"], { script, command });
      return `${stdout}${stderr}`;
    };
    const said = await remedyOf("node dist/cli.js", ["complete", "-", "--at", "1:1"], { failure });
    assert.equal(said.match(/`node dist\/cli\.js import`, or see `node dist\/cli\.js`/g)?.length, 2);
    assert.doesNotMatch(said, /`lacuna/);
    assert.match(await remedyOf("node dist/cli.js", ["doctor"], { loadFailure: failure }), /with `node dist\/cli\.js import`/);
    assert.match(await remedyOf("node dist/cli.js", ["fill"], {}), /Run `node dist\/cli\.js --help`/);
    assert.match(await remedyOf("lacuna", ["complete", "-", "--at", "1:1"], { failure }), /with `lacuna import`/);
  });

  it("what the operating system refuses is a sentence and a remedy, without a trace", async () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write", path: "out/rows.jsonl" });
    const { exitCode, stdout, stderr } = await runWith(["complete", "-", "--at", "1:1", "--json"], { script: { failure: full } });
    assert.equal(exitCode, 1);
    assert.equal(stderr, "out/rows.jsonl cannot be written: no space is left on the disk.\nFree some space, or write to another disk.\n");
    assert.equal((lastLine(stdout).error as { code: string }).code, "fileSystem");
  });

  it("a position outside the file fails before an engine is started", async () => {
    const { exitCode, stdout, script } = await runWith(["complete", "-", "--at", "2:1", "--json"], { stdin: Buffer.from("a") });
    assert.equal(exitCode, 1);
    assert.match(stdout, /"badPosition".*the file has 1 line/);
    assert.equal(script.disposals, 0);
  });

  it("a fault of the program is told with its trace, exit code 1", async () => {
    const { exitCode, stderr } = await runWith(["complete", "-", "--at", "1:1"], { script: { failure: new Error("no such thing") } });
    assert.equal(exitCode, 1);
    assert.match(stderr, /Error: no such thing\n\s+at /);
  });

  it("Ctrl-C prints what is there, stops the engine, exit code 130", async () => {
    const { exitCode, stdout, script } = await runWith(["complete", "-", "--at", "1:1"], { interrupts: 1, script: { waitsForAbort: true } });
    assert.equal(exitCode, 130);
    assert.equal(stdout, "one");
    assert.equal(script.disposals, 1);
  });

  it("Ctrl-C with --json still ends in a JSON line, the result so far", async () => {
    const { exitCode, stdout } = await runWith(["infill", "-", "--at", "1:1", "--json"], { interrupts: 1, script: { waitsForAbort: true } });
    assert.equal(exitCode, 130);
    assert.equal(lastLine(stdout).outcome, "cancelled");
    assert.equal(lastLine(stdout).middle, "one");
  });

  it("a second Ctrl-C does not wait for an engine that hangs", async () => {
    const start = performance.now();
    const { exitCode, script } = await runWith(["complete", "-", "--at", "1:1"], { interrupts: 2, script: { hangs: true } });
    assert.equal(exitCode, 130);
    assert.equal(script.disposals, 1);
    assert.ok(performance.now() - start < 1000);
  });

  it("one Ctrl-C gives a hanging engine a moment, not more", async () => {
    const { exitCode, stdout } = await runWith(["complete", "-", "--at", "1:1", "--json"], { interrupts: 1, script: { hangs: true } });
    assert.equal(exitCode, 130);
    assert.match(stdout, /"interrupted"/);
  }).timeout(4000);

  it("an interrupted race tells no numbers", async () => {
    const { exitCode, stdout } = await runWith(["race", "-", "--at", "1:1", "--json"], { interrupts: 1, script: { waitsForAbort: true } });
    assert.equal(exitCode, 130);
    assert.deepEqual(lastLine(stdout), { outcome: "cancelled" });
  });

  it("on a terminal neighbouring blocks differ in colour, and the last line is ended", async () => {
    const { stdout } = await runWith(["complete", "-", "--at", "1:1"], { isTerminal: true });
    assert.equal(stdout, "\u001b[36mone\u001b[39m\u001b[35m two\u001b[39m\n");
  });

  it("NO_COLOR and a terminal without colours get none", async () => {
    for (const variables of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const { stdout, stderr } = await runWith(["complete", "-", "--at", "1:1"], { isTerminal: true, variables });
      assert.equal(stdout, "one two\n");
      assert.ok(!stderr.includes("\u001b["));
    }
  });

  it("a terminal obeys nothing that a model writes, a file gets it unchanged", async () => {
    const script = { pieces: ["\u001b[2J\r\n\u009b\t"] };
    const shown = await runWith(["complete", "-", "--at", "1:1"], { isTerminal: true, variables: { NO_COLOR: "1" }, script });
    assert.equal(shown.stdout, "␛[2J\n␡\t\n");
    const piped = await runWith(["complete", "-", "--at", "1:1"], { script });
    assert.equal(piped.stdout, script.pieces[0]);
  });

  it("doctor does not say of a device that it tried just now that it was not tried", async () => {
    const script = {
      deviceReason: "webgpu: not tried yet",
      backends: [
        { name: "cpu", ok: true, detail: "ran" },
        { name: "webgpu", ok: false, detail: "no adapter" },
      ],
    };
    const { stdout } = await runWith(["doctor"], { script });
    assert.match(stdout, /^backend +no {2}webgpu: no adapter$/m);
    assert.match(stdout, /^device +verifier on cpu: webgpu: not tried before, now see its backend$/m);
  });

  it("one token is one, and one pass is one", () => {
    const one = completion({ tokens: 1, verifies: 1 });
    assert.match(completeReadout(one, 3), /^1 token in 1 pass of the verifier, /);
    assert.match(completeReadout(one, undefined), /^1 token \(/);
    const { outcome, model, device } = one;
    const length = { initial: 1, final: 1, candidates: [] };
    const infill = { outcome, model, device, length, tokens: 1, passes: { verifier: 1, diffuser: 0 }, ms: 5, middle: "a", alternatives: [] };
    assert.match(infillReadout({ ...infill, method: "auto" }), /^1 token in 5 ms, .* and 1 forward pass \(/);
  });

  it("a terminal obeys nothing of the names, paths and errors of others, in lines, notes, failures and questions", async () => {
    const evil = "\u001b]0;title\u0007\u001b[2J\u009b2J\u202Eb";
    for (const isTerminal of [true, false]) {
      const failure = new LacunaError("badRequest", `Not ${evil}.`, `Try ${evil}.`);
      const failed = await runWith(["complete", "-", "--at", "1:1"], { script: { failure }, isTerminal });
      const listed = await runWith(["doctor"], { script: { backends: [{ name: evil, ok: true, detail: evil }], loadFailure: failure }, isTerminal });
      const unknown = await runWith(["complete", "-", "--at", "1:1", `--${evil}`], { isTerminal });
      for (const { stdout, stderr } of [failed, listed, unknown]) {
        const shown = (stdout + stderr).replaceAll(/\u001b\[\d+m/g, "");
        assert.doesNotMatch(shown, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202E]/);
        assert.match(shown, /title/);
      }
    }
    const stderr = new PassThrough();
    await confirm(`Remove ${evil}?`, { stdin: Readable.from([]), stderr });
    assert.doesNotMatch(String(stderr.read()), /[\u0007\u001b\u009b\u202E]/);
  });

  it("doctor tells a failed load as a problem, with machine, engine and exit code 1", async () => {
    const loadFailure = new LacunaError("modelTruncated", "The file is short.", "Reinstall Lacuna.");
    const { exitCode, stdout, stderr } = await runWith(["doctor", "--json"], { script: { loadFailure } });
    const report = lastLine(stdout);
    assert.equal(exitCode, 1);
    assert.deepEqual([report.ok, report.can, report.problems], [false, null, ["The file is short. Reinstall Lacuna."]]);
    assert.equal((report.engine as { pid: number }).pid, 1);
    assert.ok((report.machine as { cores: number }).cores >= 1);
    assert.equal(stderr, "");
  });

  it("doctor on a working engine is content, exit code 0", async () => {
    const { exitCode, stdout } = await runWith(["doctor"]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^backend +ok +cpu: ran$/m);
    assert.match(stdout, /^infill +auto$/m);
    assert.match(stdout, /^drafts +from repetitions$/m);
    assert.match(stdout, /Lacuna works on this machine\.\n$/);
  });
});
