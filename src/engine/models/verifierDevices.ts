import { readFile, stat } from "node:fs/promises";
import os from "node:os";
import { readerOf, verifierOf, type VerifierEntry } from "../../protocol/manifest.js";
import type { Device } from "../../protocol/messages.js";
import { PassGate } from "../passGate.js";
import { listSupportedBackends, runtimeVersion } from "../runtime/program.js";
import { tryInProcess } from "../trialProcess.js";
import { absenceOf, type MachineFacts } from "./absence.js";
import { cudaFacts } from "./cudaFacts.js";
import { ACCELERATORS, chooseDevice, mustBeTried, type Accelerator, type DeviceChoice, type DeviceFacts } from "./device.js";
import { DeviceRecords } from "./deviceRecords.js";
import { reasonOf, type DeviceRecord } from "./deviceTrial.js";
import { graphicsDriver } from "./graphicsDriver.js";
import { hindranceOf } from "./hindrance.js";
import { KvCache } from "./kvCache.js";
import type { ModelFiles } from "./modelFiles.js";
import { PassRunner, type FallBack } from "./passRunner.js";
import { placeOn } from "./placement.js";
import { probeTokens } from "./probeTokens.js";
import { isInstalled } from "./isInstalled.js";

/** No further depth is looked at after so long, where somebody waits for the models, and in the background. */
const WAITED_FOR_MS = 20_000;
const BACKGROUND_MS = 120_000;
/** A trial has the weights in memory three times, and room for what is computed. */
const COPIES = 3;
const ROOM_BYTES = 500e6;
const PROBE_TOKENS = 28;

/** A verifier where it runs, and why there, in a line. */
export interface PlacedVerifier {
  readonly runner: PassRunner;
  readonly reason: string;
  /** Whether a reader of its caches can run there too. */
  readonly takesReader: boolean;
}

/** Where a verifier can run, what is known of it, and what finds it out. */
export class VerifierDevices {
  /** Of those that "auto" would take, which are not known. */
  untried: readonly Accelerator[] = [];
  readonly #modelsDir: string;
  readonly #entry: VerifierEntry;
  readonly #hasReader: boolean;
  readonly #graphPath: string;
  readonly #dataPaths: readonly string[];
  readonly #threads: number;
  readonly #records: DeviceRecords;
  readonly #facts: DeviceFacts;
  readonly #place: typeof placeOn;

  private constructor(
    modelsDir: string,
    files: ModelFiles,
    graph: Uint8Array,
    threads: number,
    machine: MachineFacts,
    records: DeviceRecords,
    place: typeof placeOn,
  ) {
    this.#modelsDir = modelsDir;
    this.#place = place;
    this.#entry = verifierOf(files.manifest);
    this.#graphPath = files.pathOf(this.#entry.graph);
    const reader = readerOf(files.manifest);
    this.#hasReader = reader !== undefined;
    this.#dataPaths = [this.#entry, ...(reader === undefined ? [] : [reader])].map(({ data }) => files.pathOf(data));
    this.#threads = threads;
    this.#records = records;
    this.#facts = {
      compiledIn: machine.compiledIn,
      hindrance: (device) => absenceOf(device, machine) ?? hindranceOf(device, this.#entry, graph),
      record: (device) => this.#records.get(device),
    };
  }

  /**
   * @param stateDir folder where findings are kept; undefined: they are forgotten with the process
   * @param place loads the verifier for a device; default: with the runtime
   */
  static async open(
    modelsDir: string,
    files: ModelFiles,
    threads: number,
    stateDir: string | undefined,
    place = placeOn,
  ): Promise<VerifierDevices> {
    const graph = await readFile(files.pathOf(verifierOf(files.manifest).graph));
    const cuda = await cudaFacts();
    const compiledIn = listSupportedBackends().map(({ name }) => name);
    const machine = { platform: `${process.platform}-${process.arch}`, runtimeVersion: runtimeVersion(), compiledIn, cuda };
    const driver = `${await graphicsDriver()}${cuda.hasProvider ? " CUDA provider" : ""}`;
    const records = new DeviceRecords(stateDir, files.manifest, threads, driver);
    for (const device of ACCELERATORS) {
      const missing = records.get(device)?.missing;
      if (missing !== undefined && (await isInstalled(missing))) records.forget(device);
    }
    return new VerifierDevices(modelsDir, files, graph, threads, machine, records, place);
  }

  /**
   * Loads the verifier where it is to run. A device that was asked for is tried first where it is not known; a device that was right once and
   * cannot be loaded now, or fails in a pass, is not used again until the model, the driver or the runtime is another one.
   *
   * @param onLost called when a device has failed in a pass and the processor runs the model, with why in a line
   * @throws LacunaError `deviceUnusable`, `modelUnusable` or `outOfMemory`
   */
  async load(requested: Device | "auto", gate: PassGate, onLost?: (reason: string) => void): Promise<PlacedVerifier> {
    const { device, reason, untried } = await this.#choose(requested);
    this.untried = this.#records.areKept ? untried : [];
    if (device === "cpu") return { runner: new PassRunner(this.#entry, await this.#placed("cpu"), gate), reason, takesReader: true };
    const tell = (error: unknown): void => {
      this.#records.put(device, { verdict: "failed", detail: reasonOf(error) });
      process.stderr.write(`${device} failed in a pass, the processor takes over: ${reasonOf(error)}\n`);
    };
    let why = "";
    const fallBack: FallBack = {
      create: async () => (await this.#placed("cpu")).program,
      tell: (error) => {
        tell(error);
        why = `since ${device} failed in a pass: ${reasonOf(error)}`;
      },
      tookOver: () => onLost?.(why),
    };
    try {
      const runner = new PassRunner(this.#entry, await this.#placed(device), gate, fallBack);
      return runner.cacheDevice === "cpu" ? { runner, reason, takesReader: true } : { runner, ...this.#withReader(device, reason) };
    } catch (error) {
      tell(error instanceof Error && error.cause !== undefined ? error.cause : error);
      return this.load(requested, gate, onLost);
    }
  }

  /** What a trial came to of the reader, where there is one. */
  #withReader(device: Accelerator, reason: string): Pick<PlacedVerifier, "reason" | "takesReader"> {
    const reader = this.#records.get(device)?.reader;
    const takesReader = reader?.isRight === true;
    if (takesReader || !this.#hasReader) return { reason, takesReader };
    return { reason: `${reason}; without its reader: ${reader?.detail ?? "not tried there"}`, takesReader };
  }

  /** Tries the next of those that are not known, in a process of its own, and keeps what it came to. Nothing where memory is short. */
  async tryNext(signal: AbortSignal): Promise<void> {
    const [device] = this.untried;
    const size = (await Promise.all(this.#dataPaths.map((file) => stat(file)))).reduce((sum, each) => sum + each.size, 0);
    if (device === undefined || signal.aborted || os.freemem() < COPIES * size + ROOM_BYTES) return;
    const ended = this.#records.begin(device);
    // An engine that ends in good order has not crashed.
    process.once("exit", ended);
    const record = await this.#try(device, { givesUp: true, budgetMs: BACKGROUND_MS }, signal);
    process.off("exit", ended);
    ended();
    if (record === undefined) return;
    this.#records.put(device, record);
    this.untried = this.untried.filter((other) => other !== device);
  }

  /** What is known of a device, or what trying it comes to now; see `described`. @returns why not where it cannot be tried */
  async examine(device: Accelerator): Promise<DeviceRecord | string> {
    const hindrance = this.#facts.hindrance(device);
    if (hindrance !== undefined) return hindrance;
    if (mustBeTried(device, this.#facts)) await this.#tryNow(device);
    return this.#records.get(device) ?? "not tried";
  }

  /** Runs the verifier on the processor, wherever else it runs. */
  async processorPass(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    try {
      const runner = new PassRunner(this.#entry, await this.#placed("cpu"), new PassGate());
      const cache = new KvCache(this.#entry.cache);
      const pass = (): Promise<unknown> => runner.forward(cache, probeTokens(PROBE_TOKENS, this.#entry.vocabSize), 0, [PROBE_TOKENS - 1]);
      await pass();
      const start = performance.now();
      await pass();
      return { ok: true, detail: `${(performance.now() - start).toFixed(1)} ms for a pass over ${PROBE_TOKENS} tokens` };
    } catch (error) {
      return { ok: false, detail: reasonOf(error) };
    }
  }

  async #choose(requested: Device | "auto"): Promise<DeviceChoice> {
    const asked = ACCELERATORS.find((name) => name === requested);
    if (asked !== undefined && mustBeTried(asked, this.#facts)) await this.#tryNow(asked);
    return chooseDevice(requested, this.#facts);
  }

  async #tryNow(device: Accelerator): Promise<void> {
    const record = await this.#try(device, { givesUp: false, budgetMs: WAITED_FOR_MS });
    if (record !== undefined) this.#records.put(device, record);
  }

  #try(device: Accelerator, how: { givesUp: boolean; budgetMs: number }, signal?: AbortSignal): Promise<DeviceRecord | undefined> {
    return tryInProcess({ modelsDir: this.#modelsDir, threads: this.#threads, device, ...how }, signal === undefined ? {} : { signal });
  }

  #placed(device: Device): ReturnType<typeof placeOn> {
    return this.#place(device, this.#graphPath, this.#threads);
  }
}
