import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import type { DeviceRecord } from "./models/deviceTrial.js";
import { loaderFailure } from "./models/loaderFailure.js";
import type { TrialRequest } from "./models/trialSubject.js";

/** First argument of an engine that is started to try a device. */
export const TRIAL = "trial";
/** One line of such a process: what it tries next, what came of the verifier before its reader is tried, or what came of all. */
export type TrialLine = { readonly at: string } | { readonly soFar: DeviceRecord } | { readonly record: DeviceRecord };

/** So long a device may take for a single pass: the first of each kind is compiled in it. */
const PATIENCE_MS = 60_000;
/** The bundle of the engine, or its source where that is run. */
const ENGINE = __filename.endsWith(".ts") ? path.join(__dirname, "main.ts") : __filename;

/** How a trial is watched; the defaults are those of the product. */
export interface TrialWatch {
  /** Ends the trial, of which nothing is then known. */
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
  /** The program and its arguments, the request left out. */
  readonly command?: readonly string[];
}

/**
 * Tries a device in a process of its own, because a driver may crash or hang whoever uses it.
 *
 * @returns undefined where the trial was ended
 */
export function tryInProcess(request: TrialRequest, watch: TrialWatch = {}): Promise<DeviceRecord | undefined> {
  const { signal, patienceMs = PATIENCE_MS, command = [process.execPath, ...process.execArgv, ENGINE, TRIAL] } = watch;
  if (signal?.aborted === true) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const [program, ...args] = command;
    // An editor's program is Node only where it is told so.
    const env = process.versions.electron === undefined ? process.env : { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    const child = spawn(program, [...args, JSON.stringify(request)], { env, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    let stage = "starting";
    let said = "";
    let soFar: DeviceRecord | undefined;
    let patience: NodeJS.Timeout | undefined;
    const settle = (record: DeviceRecord | undefined): void => {
      clearTimeout(patience);
      signal?.removeEventListener("abort", end);
      // One that hangs in its driver may outlive this for as long as the driver does.
      child.kill("SIGKILL");
      child.unref();
      resolve(record);
    };
    const end = (): void => settle(undefined);
    /** Where the verifier was through, the reader alone is to blame. */
    const fail = (verdict: "crashed" | "hung", detail: string): void =>
      settle(soFar === undefined ? { verdict, detail } : { ...soFar, reader: { isRight: false, detail } });
    const wait = (): void => {
      clearTimeout(patience);
      patience = setTimeout(() => fail("hung", `it hung in ${stage}`), patienceMs);
    };
    signal?.addEventListener("abort", end);
    child.once("error", (error) => settle({ verdict: "crashed", detail: `it could not be tried: ${error.message}` }));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = parsed(line);
      if (told === undefined) return;
      // What was written before it to the other stream may still have to be read.
      if ("record" in told) setImmediate(() => settle(explained(told.record, said)));
      else if ("soFar" in told) soFar = told.soFar;
      else {
        stage = told.at;
        wait();
      }
    });
    child.once("close", (code, killedBy) => fail("crashed", `it crashed in ${stage} (${killedBy ?? `exit code ${code}`})`));
    wait();
  });
}

/** A library may write to the same stream. */
function parsed(line: string): TrialLine | undefined {
  try {
    return JSON.parse(line) as TrialLine;
  } catch {
    return undefined;
  }
}

/** What a loader said, of drivers or of a provider's library, tells more than that there is no adapter or that something cannot be loaded. */
function explained(record: DeviceRecord, said: string): DeviceRecord {
  if (record.verdict !== "unavailable") return record;
  const { why, missing } = loaderFailure(said) ?? {};
  if (why !== undefined) return { ...record, detail: why, ...(missing !== undefined && { missing }) };
  const [, vulkan] = /Couldn't load Vulkan: (.+)/.exec(said) ?? [];
  return vulkan === undefined ? record : { ...record, detail: `${record.detail} (${vulkan})` };
}
