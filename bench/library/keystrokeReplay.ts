import type { EngineClient } from "../../src/client/engineClient.js";
import { systemClock } from "../../src/machine/systemClock.js";
import { typedPlace } from "../../src/suggest/typedPlace.js";
import { applyEdit, type Recording } from "./recording.js";
import { Typist, type KeystrokeOutcome, type TypistOptions } from "./typist.js";

export interface KeystrokeResult {
  readonly index: number;
  readonly outcome: KeystrokeOutcome;
  /** From the keystroke to the first text that is shown, the wait before asking included; only of `cached` and `answered`. */
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

export interface ReplayOptions extends TypistOptions {
  /** How many keystrokes are typed without asking the engine: those of an earlier run. */
  readonly from: number;
  /** How many times as fast as recorded. */
  readonly pace: number;
  readonly signal: AbortSignal;
  readonly onKeystroke: (result: KeystrokeResult) => Promise<void>;
}

type ReplayEngine = Pick<EngineClient, "complete" | "usage">;

/** Types a recording at its own pace, and asks for suggestions, keeps and shows them as the extension does, up to the editor's own part. */
export async function replayKeystrokes(engine: ReplayEngine, { start, edits }: Recording, options: ReplayOptions): Promise<void> {
  const { from, pace, signal, onKeystroke } = options;
  const typist = new Typist(engine, options);
  const interrupted = abortOf(signal);
  let text = edits.slice(0, from).reduce(applyEdit, start);
  let before = await cpuOf(engine);
  const zero = performance.now() - (edits[from]?.[0] ?? 0) / pace;
  for (let index = from; index < edits.length && !signal.aborted; index += 1) {
    const [atMs, rangeOffset, rangeLength, inserted] = edits[index];
    const due = zero + atMs / pace;
    await wait(due - performance.now());
    const typedAt = performance.now();
    text = applyEdit(text, edits[index]);
    const fate = typist.type(text, typedPlace([{ rangeOffset, rangeLength, text: inserted }]));
    // Until just before the next keystroke; the last one waits for its answer.
    const next = edits[index + 1];
    if (next === undefined) await Promise.race([typist.rest(), interrupted]);
    else await Promise.race([wait(zero + next[0] / pace - performance.now()), typist.failure, interrupted]);
    const after = await cpuOf(engine);
    const cpu = { engineCpuMs: after.engine - before.engine, clientCpuMs: after.client - before.client };
    before = after;
    const { outcome, firstAtMs } = fate;
    const firstTextMs = firstAtMs === undefined ? undefined : firstAtMs - typedAt;
    const result = { index, outcome, firstTextMs, lagMs: Math.max(0, typedAt - due), ...typist.takePasses(), ...cpu };
    if (!signal.aborted) await onKeystroke(result);
  }
  typist.end();
}

const wait = (ms: number): Promise<void> => systemClock.wait(Math.max(0, ms));

async function cpuOf(engine: ReplayEngine): Promise<{ readonly engine: number; readonly client: number }> {
  const { user, system } = process.cpuUsage();
  return { engine: (await engine.usage()).cpuMs, client: (user + system) / 1000 };
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
