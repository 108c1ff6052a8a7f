import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from "vscode-jsonrpc/node";
import { EngineClient } from "../../src/client/engineClient.js";
import { EngineProcess } from "../../src/client/engineProcess.js";
import { LacunaError, type ErrorCode } from "../../src/protocol/errors.js";
import { initializeRequest, type TokenLikelihood } from "../../src/protocol/messages.js";
import { completeParams, enginePath, exampleHole, infillParams, loadedEngine } from "./engineFixture.js";

const CANCEL_OF_NOTHING = { jsonrpc: "2.0", method: "$/cancelRequest", params: null };
const withCode = (code: ErrorCode) => (error: unknown) => error instanceof LacunaError && error.code === code && error.remedy !== "";

describe("engine", () => {
  let engine: EngineClient;
  before(async () => {
    engine = await loadedEngine();
  });
  after(() => engine.dispose());

  it("drafts the very tokens that padded autoregressive decoding gives", async () => {
    let tokens = 0;
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const params = { ...completeParams, ...exampleHole(share), maxTokens: 64 };
      const plain = await engine.complete({ ...params, decoder: "arPadded" });
      for (const block of [1, 3, 7, 12, 15, 31, "auto"] as const) {
        const drafted = await engine.complete({ ...params, block });
        assert.deepEqual(drafted.tokenIds, plain.tokenIds, `block ${block} at ${share}`);
      }
      tokens += plain.tokens;
    }
    assert.ok(tokens > 100, `only ${tokens} tokens were compared`);
  });

  it("counts as drafted text what undrafted decoding comes to, also where the text ends within a draft", async () => {
    const head = "def once():\n    total =";
    const params = { ...completeParams, prefix: `${head} 1\n    return 0\n\n`.repeat(12) + head, suffix: "" };
    const plain = await engine.complete({ ...params, decoder: "arPadded" });
    assert.match(plain.text, /return 0\n?$/);
    for (const block of [3, 7, 15, 31]) {
      const { text, tokenIds, tokens, blocks, accepted } = await engine.complete({ ...params, block });
      assert.deepEqual([text, tokenIds], [plain.text, plain.tokenIds], `block ${block}`);
      const sum = blocks.reduce((all, each) => all + each, 0);
      assert.ok(sum === tokens && accepted <= tokens);
    }
  });

  it("gives the same text whatever ran before, one-token passes included", async () => {
    const first = await engine.complete(completeParams);
    await engine.complete({ ...completeParams, decoder: "ar" });
    await engine.complete({ ...completeParams, ...exampleHole(0.6) });
    const second = await engine.complete(completeParams);
    assert.deepEqual(second.tokenIds, first.tokenIds);
  });

  it("verifies the rest of its last answer at once when that answer is typed, and never writes it for that alone", async () => {
    // Any model goes on with what repeats itself, whatever else it knows.
    for (const line of ["    1,\n", "x = x + 1\n", "# ----\n"]) {
      const params = { ...completeParams, prefix: line.repeat(40), suffix: "", maxTokens: 32, block: 3 };
      const pieces: string[] = [];
      const first = await engine.complete(params, { onText: (text) => void pieces.push(text) });
      assert.equal(first.tokens, 32, `${JSON.stringify(line)} was not gone on with`);
      const typed = pieces[0] + (pieces[1] ?? "");
      const again = await engine.complete({ ...params, prefix: params.prefix + typed });
      const plain = await engine.complete({ ...params, prefix: params.prefix + typed, decoder: "arPadded" });
      assert.deepEqual(again.tokenIds, plain.tokenIds);
      assert.ok((typed + again.text).startsWith(first.text), `${JSON.stringify(line)} was gone on with in another way`);
      assert.ok(again.verifies < first.verifies / 2, `${again.verifies} verifies after ${first.verifies}`);
    }
  });

  it("streams pieces that join to the final text", async () => {
    const pieces: string[] = [];
    const onText = (text: string): void => void pieces.push(text);
    const completed = await engine.complete(completeParams, { onText });
    assert.equal(pieces.splice(0).join(""), completed.text);
    const infilled = await engine.infill(infillParams, { onText });
    assert.equal(pieces.join(""), infilled.middle);
    assert.equal(infilled.outcome, "done");
    assert.ok(infilled.length.candidates.length > 1);
  });

  it("says how likely each token is, and the end, the same with drafts and without, as it streams", async () => {
    const streamed: TokenLikelihood[] = [];
    const drafted = await engine.complete(completeParams, { onText: (_text, likelihoods) => void streamed.push(...likelihoods) });
    const { likelihoods, tokens, text } = await engine.complete({ ...completeParams, decoder: "arPadded" });
    assert.deepEqual(drafted.likelihoods, likelihoods);
    assert.ok(streamed.length > 0);
    assert.deepEqual(streamed, likelihoods.slice(0, streamed.length));
    assert.ok(likelihoods.length === tokens || likelihoods.length === tokens + 1, `${likelihoods.length} of ${tokens} tokens`);
    assert.ok(likelihoods.every(([end, logProb], index) => logProb <= 0 && end >= (likelihoods[index - 1]?.[0] ?? 0)));
    assert.ok(likelihoods.at(-1)![0] >= text.length);
  });

  it("writes no more lines than were asked for, whatever finds the length", async () => {
    // The test models go on with what repeats itself, here with line after line.
    const hole = { ...infillParams, prefix: "1,\n".repeat(60), suffix: "]\n", minTokens: 20 };
    for (const method of ["auto", "ar", "lr", "dreamon", "block"] as const) {
      const free = await engine.infill({ ...hole, method });
      assert.ok(free.middle.includes("\n"), `${method} wrote one line anyway`);
      const { middle, alternatives } = await engine.infill({ ...hole, method, maxLines: 1 });
      assert.ok(
        [middle, ...alternatives.map(({ text }) => text)].every((text) => text !== "" && !text.includes("\n")),
        method,
      );
      const two = await engine.infill({ ...hole, method, maxLines: 2 });
      assert.ok(two.middle.split("\n").length <= 2, method);
    }
  });

  it("fills a hole within as few tokens as were allowed, whatever finds the length", async () => {
    for (const method of ["auto", "lr", "dreamon", "block", "fixed"] as const) {
      const { tokens, outcome } = await engine.infill({ ...infillParams, method, maxTokens: 5 });
      assert.ok(outcome === "done" && tokens >= 1 && tokens <= 5, `${tokens} tokens by ${method}`);
    }
    await assert.rejects(engine.infill({ ...infillParams, method: "fixed", length: 6, maxTokens: 5 }), withCode("badRequest"));
  });

  it("counts what it does: blocks add up to tokens, accepted drafts are at most the drafted", async () => {
    const { blocks, tokens, verifies, drafted, accepted } = await engine.complete(completeParams);
    assert.equal(
      blocks.reduce((sum, block) => sum + block, 0),
      tokens,
    );
    assert.equal(blocks.length, verifies);
    assert.ok(accepted <= drafted && accepted <= tokens);
  });

  it("says how much was drafted for each verify, and where the time went", async () => {
    const { drafts, drafted, verifies, passes, stages, ms, promptMs } = await engine.complete({ ...completeParams, block: 7 });
    assert.equal(drafts.length, verifies);
    assert.equal(
      drafts.reduce((sum, draft) => sum + draft, 0),
      drafted,
    );
    assert.ok(drafts.every((draft) => draft <= 7) && passes.verifier >= verifies);
    assert.ok(stages.draftMs > 0 && stages.verifyMs > 0 && stages.otherMs >= 0);
    assert.ok(stages.draftMs + stages.verifyMs + stages.otherMs + promptMs <= ms);
    const plain = await engine.complete({ ...completeParams, decoder: "ar" });
    assert.deepEqual([plain.stages.draftMs, plain.drafted], [0, 0]);
  });

  it("times passes of the sizes asked for, and refuses a context the models do not have", async () => {
    const { times } = await engine.passTimes({ contextTokens: 64, tokens: [1, 8, 64], repeats: 2 });
    assert.deepEqual(
      times.map(({ tokens }) => tokens),
      [1, 8, 64],
    );
    for (const { verifyMs, draftMs } of times) {
      assert.deepEqual([verifyMs.length, draftMs.length], [2, 2]);
      assert.ok([...verifyMs, ...draftMs].every((ms) => ms > 0));
    }
    const { times: again } = await engine.passTimes({ contextTokens: 64, tokens: [1, 64], repeats: 5 });
    assert.ok(Math.min(...again[1].verifyMs) > Math.min(...again[0].verifyMs), "64 tokens are quicker than one");
    await assert.rejects(engine.passTimes({ contextTokens: 30_000, tokens: [1], repeats: 1 }), withCode("badRequest"));
    await assert.rejects(engine.passTimes({ contextTokens: 64, tokens: [0], repeats: 1 }), withCode("badRequest"));
  });

  it("tells processor time, which grows with work, and memory", async () => {
    const before = await engine.usage();
    await engine.complete({ ...completeParams, decoder: "ar" });
    const after = await engine.usage();
    assert.ok(after.cpuMs > before.cpuMs && after.residentBytes > 1e7);
  });

  it("samples the same text from the same seed", async () => {
    const params = { ...completeParams, temperature: 0.8 };
    const first = await engine.complete(params);
    const second = await engine.complete(params);
    assert.deepEqual(second.tokenIds, first.tokenIds);
  });

  it("writes the line ends of the document", async () => {
    const prefix = completeParams.prefix.replaceAll("\n", "\r\n");
    const suffix = completeParams.suffix.replaceAll("\n", "\r\n");
    const lf = await engine.complete(completeParams);
    const crlf = await engine.complete({ ...completeParams, prefix, suffix });
    assert.equal(crlf.text, lf.text.replaceAll("\n", "\r\n"));
  });

  it("answers at the start of an empty document and beside a lone surrogate", async () => {
    for (const prefix of ["", "x = '\ud800"]) {
      const { outcome } = await engine.complete({ ...completeParams, prefix, suffix: "", maxTokens: 8 });
      assert.equal(outcome, "done");
    }
  });

  it("knows an empty file by its name, and writes as if that stood above it", async () => {
    const place = { suffix: "", languageId: "python" };
    const titled = { ...place, prefix: "# parse_dates.py\n" };
    const named = { ...place, prefix: "", fileName: "parse_dates.py" };
    const [written, filled] = [await engine.complete({ ...completeParams, ...titled }), await engine.infill({ ...infillParams, ...titled })];
    assert.deepEqual((await engine.complete({ ...completeParams, ...named })).tokenIds, written.tokenIds);
    assert.equal((await engine.infill({ ...infillParams, ...named })).middle, filled.middle);
    assert.ok(written.tokens > 0);
  });

  it("is idle within two passes of a cancellation, and keeps what it had", async () => {
    // A busy machine delays the cancellation itself: it only ever adds passes, so the fewest count.
    let fewest = Infinity;
    for (let attempt = 0; attempt < 5 && fewest > 3 + 2; attempt += 1) {
      const cancelled = new AbortController();
      let seen = 0;
      const onText = (): void => {
        seen += 1;
        if (seen === 3) cancelled.abort();
      };
      const result = await engine.complete({ ...completeParams, maxTokens: 400, decoder: "ar" }, { signal: cancelled.signal, onText });
      assert.equal(result.outcome, "cancelled");
      fewest = Math.min(fewest, result.verifies);
    }
    assert.ok(fewest <= 3 + 2, `${fewest} passes`);
    assert.equal((await engine.complete({ ...completeParams, maxTokens: 4 })).outcome, "done");
  });

  it("cancels an infill between passes", async () => {
    const cancelled = new AbortController();
    const result = await engine.infill({ ...infillParams, minTokens: 24 }, { signal: cancelled.signal, onText: () => cancelled.abort() });
    assert.equal(result.outcome, "cancelled");
    assert.ok(result.tokens < 24, `${result.tokens} tokens`);
  });

  it("answers a request that was cancelled before it began", async () => {
    const { outcome, tokens } = await engine.complete(completeParams, { signal: AbortSignal.abort() });
    assert.deepEqual({ outcome, tokens }, { outcome: "cancelled", tokens: 0 });
  });

  it("refuses wrong parameters by name", async () => {
    await assert.rejects(engine.complete({ ...completeParams, maxTokens: -1 }), withCode("badRequest"));
    await assert.rejects(engine.complete({ ...completeParams, prefix: undefined as unknown as string }), withCode("badRequest"));
    await assert.rejects(engine.infill({ ...infillParams, method: "oracle" as "lr" }), withCode("badRequest"));
  });
});

describe("engine process", () => {
  it("fails pending calls with engineDied when it is killed, and a new one works", async () => {
    const engine = await loadedEngine();
    const pending = engine.complete({ ...completeParams, maxTokens: 400 }, { onText: () => void process.kill(engine.identity.pid, "SIGKILL") });
    await assert.rejects(pending, withCode("engineDied"));
    await assert.rejects(engine.complete(completeParams), withCode("engineDied"));
    await engine.dispose();
    const next = await loadedEngine();
    try {
      assert.equal((await next.complete(completeParams)).outcome, "done");
    } finally {
      await next.dispose();
    }
  });

  it("refuses work before models are loaded", async () => {
    const engine = await EngineClient.start({ enginePath });
    try {
      await assert.rejects(engine.complete(completeParams), withCode("notLoaded"));
    } finally {
      await engine.dispose();
    }
  });

  it("names a client of another build", async () => {
    await withRawChild(async (connection) => {
      await assert.rejects(
        connection.sendRequest(initializeRequest, { build: "another" }),
        (error) => error instanceof ResponseError && (error.data as { code: string }).code === "buildMismatch",
      );
    });
  });

  it("survives garbage on its channel and answers what comes after it", async () => {
    await withRawChild(async (connection, child) => {
      for (const garbage of [42, "text", null, [], {}, { jsonrpc: "2.0" }, { jsonrpc: "2.0", method: 7 }, { id: 1, result: {} }, CANCEL_OF_NOTHING]) {
        child.send(garbage as object);
      }
      await assert.rejects(connection.sendRequest("noSuchMethod", {}), /[Uu]nhandled method/);
      await assert.rejects(connection.sendRequest("complete", 5 as unknown as object));
      const ofNoBuild = connection.sendRequest("initialize", null as unknown as object);
      await assert.rejects(ofNoBuild, (error) => (error as ResponseError<{ code: string }>).data?.code === "buildMismatch");
      const identity = await connection.sendRequest(initializeRequest, { build: "source" });
      assert.equal(identity.pid, child.pid);
    });
  });

  it("names an engine that cannot be started", async () => {
    await assert.rejects(EngineClient.start({ enginePath: "/nonexistent/engine.js" }), withCode("engineUnavailable"));
  });

  it("is started without what NODE_OPTIONS would load, and with the runtime's telemetry off", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-engine-"));
    const program = path.join(folder, "engine.js");
    writeFileSync(program, "console.error(JSON.stringify([process.env.NODE_OPTIONS, process.env.ORT_DISABLE_TELEMETRY]));");
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = "--require /nonexistent/hook.js";
    try {
      const lines: string[] = [];
      await new EngineProcess(program, (line) => lines.push(line)).died;
      assert.deepEqual(lines, ['[null,"1"]']);
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
      rmSync(folder, { recursive: true });
    }
  });

  it("ends with the error that it threw as its last words", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-engine-"));
    const program = path.join(folder, "engine.js");
    writeFileSync(program, 'throw new Error("no such graph");');
    try {
      const { message } = await new EngineProcess(program, () => {}).died;
      assert.match(message, /\(exit code 1\)\. It last wrote: Error: no such graph$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("ends when the process that started it is killed", async () => {
    const script = `const child = require("node:child_process").fork(${JSON.stringify(enginePath)});
      process.send(child.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const [pid] = (await once(parent, "message")) as [number];
    parent.kill("SIGKILL");
    for (let waited = 0; isRunning(pid); waited += 20) {
      assert.ok(waited < 3000, "the engine outlived its parent");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

type Raw = ReturnType<typeof createMessageConnection>;

/** An engine spoken to without the client's checks. */
async function withRawChild(use: (connection: Raw, child: ReturnType<typeof fork>) => Promise<void>): Promise<void> {
  const child = fork(enginePath, [], { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  connection.listen();
  try {
    await use(connection, child);
  } finally {
    connection.dispose();
    child.kill("SIGKILL");
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
