import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { replayKeystrokes, type KeystrokeResult } from "../../../bench/library/keystrokeReplay.js";
import { summarizeLatency } from "../../../bench/library/latencySummary.js";
import { applyEdit, readRecording, type RecordedEdit } from "../../../bench/library/recording.js";
import { completion } from "../cli/scriptedEngine.js";

type Engine = Parameters<typeof replayKeystrokes>[0];

/** Says `text` after `delayMs`, or, if it is cancelled before, nothing. */
function engineThatSays(text: string, delayMs: number): Engine & { prefixes: string[] } {
  const prefixes: string[] = [];
  return {
    prefixes,
    usage: async () => ({ cpuMs: 100 * prefixes.length, residentBytes: 1 }),
    complete: async ({ prefix }, options = {}) => {
      prefixes.push(prefix);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        options.signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      });
      if (options.signal?.aborted === true) return completion({ outcome: "cancelled", text: "", passes: { verifier: 2, diffuser: 1 } });
      if (text !== "") options.onText?.(text, []);
      return completion({ text, passes: { verifier: 4, diffuser: 1 } });
    },
  };
}

async function replay(engine: Engine, typed: string, everyMs: number, from = 0): Promise<KeystrokeResult[]> {
  const edits = [...typed].map((character, index): RecordedEdit => [index * everyMs, index + 1, 0, character]);
  const results: KeystrokeResult[] = [];
  const onKeystroke = async (result: KeystrokeResult): Promise<void> => void results.push(result);
  const options = { from, pace: 1, debounceMs: 0, maxTokens: 8, signal: new AbortController().signal, onKeystroke };
  await replayKeystrokes(engine, { name: "r", origin: {}, start: "( suffix", edits }, options);
  return results;
}

describe("a replay of keystrokes", () => {
  it("asks at each keystroke, and not again for what was typed of the last suggestion", async () => {
    const engine = engineThatSays("bcX", 5);
    const results = await replay(engine, "abcd", 250);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ["answered", "cached", "cached", "answered"],
    );
    assert.deepEqual(engine.prefixes, ["(a", "(abcd"]);
    assert.deepEqual(
      results.map(({ passes }) => passes),
      [5, 0, 0, 5],
    );
    assert.deepEqual(
      results.map(({ engineCpuMs }) => engineCpuMs),
      [100, 0, 0, 100],
    );
    assert.ok((results[0].firstTextMs ?? 0) >= 4);
  });

  it("counts what came too late, with the passes of the request that was cut off as wasted", async () => {
    const results = await replay(engineThatSays("zzz", 1000), "ab", 100);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ["late", "answered"],
    );
    const sum = (valueOf: (result: KeystrokeResult) => number): number => results.reduce((total, result) => total + valueOf(result), 0);
    assert.deepEqual([sum(({ wastedPasses }) => wastedPasses), sum(({ passes }) => passes)], [3, 8]);
  });

  it("tells an empty answer from one that is late", async () => {
    assert.deepEqual(
      (await replay(engineThatSays("", 1), "a", 50)).map(({ outcome }) => outcome),
      ["empty"],
    );
  });

  it("goes on behind the keystrokes of an earlier run", async () => {
    const engine = engineThatSays("!", 1);
    assert.deepEqual(
      (await replay(engine, "abc", 30, 2)).map(({ index }) => index),
      [2],
    );
    assert.deepEqual(engine.prefixes, ["(abc"]);
  });

  it("is summed up in shares of keystrokes and shares of passes", () => {
    const result = (changes: Partial<KeystrokeResult>): KeystrokeResult => ({
      index: 0, outcome: "late", firstTextMs: undefined, lagMs: 0, passes: 0, wastedPasses: 0, engineCpuMs: 20, clientCpuMs: 1, ...changes,
    }); // prettier-ignore
    const summary = summarizeLatency([
      result({ outcome: "answered", firstTextMs: 30, passes: 6 }),
      result({ outcome: "answered", firstTextMs: 50 }),
      result({ outcome: "cached", firstTextMs: 0 }),
      result({ passes: 4, wastedPasses: 2 }),
    ]);
    assert.deepEqual(summary.shares, { cached: 0.25, answered: 0.5, late: 0.25, empty: 0 });
    assert.deepEqual([summary.firstTextMs?.p50, summary.firstTextOrCachedMs?.p50, summary.wastedPasses], [40, 30, 0.2]);
    assert.deepEqual([summary.engineCpuSeconds, summary.clientCpuSeconds], [20, 1]);
  });
});

describe("the recording that is shipped", () => {
  it("ends in the very file it was made of, after at least a thousand keystrokes", async () => {
    const { start, edits, origin } = await readRecording("bench/recordings/queueutils.jsonl");
    assert.ok(edits.length >= 1000);
    assert.equal(createHash("sha256").update(edits.reduce(applyEdit, start)).digest("hex"), origin.sha256);
    assert.match(origin.notice, /Redistribution and use/);
  });
});

describe("a recording", () => {
  const HEAD = JSON.stringify({ name: "r", origin: {}, start: "ab" });
  const wrong: [claim: string, text: string, message: RegExp][] = [
    ["no JSON", "x", /:1 is not JSON/],
    ["no head", '[0,0,0,"a"]', /:1 is not the head/],
    ["no keystrokes", HEAD, /no keystrokes/],
    ["an edit outside the document", `${HEAD}\n[0,2,0,"c"]\n[9,4,0,"d"]`, /:3 is no edit/],
    ["time that runs back", `${HEAD}\n[9,2,0,"c"]\n[8,3,0,"d"]`, /:3 is no edit/],
    ["an edit without text", `${HEAD}\n[9,2,0]`, /:2 is no edit/],
  ];
  for (const [claim, text, message] of wrong) {
    it(`is refused with ${claim}`, async () => {
      const file = path.join(await mkdtemp(path.join(os.tmpdir(), "lacuna-bench-")), "r.jsonl");
      await writeFile(file, text);
      await assert.rejects(readRecording(file), message);
    });
  }
});
