import type { EngineClient } from "../../src/client/engineClient.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import type { CompleteResult } from "../../src/protocol/messages.js";
import { applyEdit, type Recording } from "./recording.js";
import { ShownSuggestion } from "./shownSuggestion.js";

/**
 * How a keystroke fared until the next one. `cached`: the last suggestion goes on as typed. `answered`: the engine's text came.
 * `late`: the next keystroke came first. `empty`: the engine had nothing to say.
 */
export type KeystrokeOutcome = "cached" | "answered" | "late" | "empty";

export interface KeystrokeResult {
  readonly index: number;
  readonly outcome: KeystrokeOutcome;
  /** From the keystroke to the first text, the wait before asking included; only of `cached` and `answered`. */
  readonly firstTextMs: number | undefined;
  /** How far behind its time the replay was. */
  readonly lagMs: number;
  /** Forward passes of requests that ended since the keystroke before, and those of them that showed nobody anything. */
  readonly passes: number;
  readonly wastedPasses: number;
  /** Processor time since the keystroke before. */
  readonly engineCpuMs: number;
  readonly clientCpuMs: number;
}

export interface ReplayOptions {
  /** How many keystrokes are typed without asking the engine: those of an earlier run. */
  readonly from: number;
  /** How many times as fast as recorded. */
  readonly pace: number;
  /** Quiet time after a keystroke before the engine is asked, in ms. */
  readonly debounceMs: number;
  readonly maxTokens: number;
  readonly signal: AbortSignal;
  readonly onKeystroke: (result: KeystrokeResult) => Promise<void>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/**
 * Types a recording at its own pace, asks the engine at each keystroke as an editor does, and cancels what a keystroke
 * makes void. What was typed of the last suggestion is not asked for again.
 */
export async function replayKeystrokes(
  engine: Pick<EngineClient, "complete" | "usage">,
  { start, edits }: Recording,
  { from, pace, debounceMs, maxTokens, signal, onKeystroke }: ReplayOptions,
): Promise<void> {
  let text = edits.slice(0, from).reduce(applyEdit, start);
  let shown: ShownSuggestion | undefined;
  let abort = new AbortController();
  let request: Promise<void> = Promise.resolve();
  const passes = { all: 0, wasted: 0 };
  const cpu = async (): Promise<{ engine: number; client: number }> => {
    const { user, system } = process.cpuUsage();
    return { engine: (await engine.usage()).cpuMs, client: (user + system) / 1000 };
  };
  const interrupted = abortOf(signal);
  let before = await cpu();
  const zero = performance.now() - (edits[from]?.[0] ?? 0) / pace;

  const ask = async (suggestion: ShownSuggestion, place: number, own: AbortController, onFirst: () => void): Promise<"done" | "cancelled"> => {
    if (debounceMs > 0) await wait(debounceMs);
    if (own.signal.aborted) return "cancelled";
    const params = { maxTokens, temperature: 0, topP: 1, seed: 0, decoder: "deer" as const, block: "auto" as const };
    const onText = (piece: string): void => {
      if (own.signal.aborted) return;
      if (suggestion.text === "") onFirst();
      suggestion.text += piece;
    };
    const result: CompleteResult = await engine.complete({ ...documentSlice(text, place, place), ...params }, { signal: own.signal, onText });
    const spent = result.passes.verifier + result.passes.diffuser;
    passes.all += spent;
    if (suggestion.text === "" && result.outcome === "cancelled") passes.wasted += spent;
    return result.outcome;
  };

  for (let index = from; index < edits.length && !signal.aborted; index += 1) {
    const edit = edits[index];
    const due = zero + edit[0] / pace;
    await wait(due - performance.now());
    const typedAt = performance.now();
    text = applyEdit(text, edit);
    const place = edit[1] + edit[3].length;
    const [prefix, suffix] = [text.slice(0, place), text.slice(place)];
    let outcome: KeystrokeOutcome = "late";
    let firstTextMs: number | undefined;
    if (shown?.servesAt(prefix, suffix) === true) {
      outcome = "cached";
      firstTextMs = performance.now() - typedAt;
    } else {
      abort.abort();
      abort = new AbortController();
      const own = abort;
      const suggestion = new ShownSuggestion(prefix, suffix);
      shown = suggestion;
      const onFirst = (): void => {
        outcome = "answered";
        firstTextMs = performance.now() - typedAt;
      };
      const asked = ask(suggestion, place, own, onFirst).then((end) => {
        if (end === "done" && suggestion.text === "") outcome = "empty";
      });
      request = Promise.all([request, asked]).then(() => {});
      request.catch(() => {});
    }
    // Until just before the next keystroke; the last one waits for its answer.
    const next = edits[index + 1];
    if (next === undefined) await request;
    else await Promise.race([wait(zero + next[0] / pace - performance.now()), failureOf(request), interrupted]);
    const after = await cpu();
    const result = {
      index,
      outcome,
      firstTextMs,
      lagMs: Math.max(0, typedAt - due),
      passes: passes.all,
      wastedPasses: passes.wasted,
      engineCpuMs: after.engine - before.engine,
      clientCpuMs: after.client - before.client,
    };
    before = after;
    passes.all = passes.wasted = 0;
    if (!signal.aborted) await onKeystroke(result);
  }
  abort.abort();
  await request;
}

/** Settles only when `work` fails, and then as it did. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => void work.catch(reject));
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
