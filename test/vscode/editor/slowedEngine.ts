import { engineProcesses } from "./engineProcesses.js";

/** Several frames, also where a browser paints slowly; in each pulse the engine makes about one step. */
const PULSE_MS = 50;
const RUN_MS = 2;

/** Slows the engine of this process's editor down, so that every step of a canvas can be seen: it may be complete within a frame or two. */
export class SlowedEngine {
  readonly #pulses: NodeJS.Timeout;

  constructor() {
    this.#pulses = setInterval(pulse, PULSE_MS);
  }

  /** Stops the engine where it is, until it is released. */
  hold(): void {
    clearInterval(this.#pulses);
    signalEngines("SIGSTOP");
  }

  /** Lets the engine run at its own speed. */
  release(): void {
    clearInterval(this.#pulses);
    signalEngines("SIGCONT");
  }
}

function pulse(): void {
  const engines = signalEngines("SIGCONT");
  const end = performance.now() + RUN_MS;
  while (performance.now() < end);
  signalEngines("SIGSTOP", engines);
}

function signalEngines(signal: "SIGSTOP" | "SIGCONT", pids: readonly number[] = engineProcesses().map(({ pid }) => pid)): readonly number[] {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
  return pids;
}
