import type { Manifest } from "../../protocol/manifest.js";
import { CalibrationStore } from "./calibrationStore.js";
import type { Accelerator } from "./device.js";
import type { DeviceRecord } from "./deviceTrial.js";

/** A trial that was begun so often, and never came to an end of whatever kind, took the engine or the machine with it. */
const MOST_BEGUN = 2;

/** Another name than the records had that knew nothing of readers: those are made anew. */
const recordOf = (device: Accelerator): string => `finding of ${device}`;
const begunOf = (device: Accelerator): string => `trials begun of ${device}`;

/** What is known of devices, by the hashes of the models, the runtime's version, the graphics driver and the threads that it was found with. */
export class DeviceRecords {
  /** Whether they outlive the process. */
  readonly areKept: boolean;
  readonly #store: CalibrationStore;

  /** @param stateDir undefined: nothing outlives the process @param driver see `graphicsDriver` */
  constructor(stateDir: string | undefined, manifest: Manifest, threads: number, driver: string) {
    this.areKept = stateDir !== undefined;
    this.#store = CalibrationStore.open(stateDir, manifest, threads, "accelerators", driver);
  }

  get(device: Accelerator): DeviceRecord | undefined {
    const record = this.#store.get<DeviceRecord>(recordOf(device));
    if (record !== undefined || this.#begun(device) < MOST_BEGUN) return record;
    return { verdict: "crashed", detail: "the engine or the machine ended while it was tried" };
  }

  put(device: Accelerator, record: DeviceRecord): void {
    this.#store.put(recordOf(device), record);
  }

  /** Has it not be known any more. */
  forget(device: Accelerator): void {
    this.#store.put(recordOf(device), undefined);
  }

  /** Notes that a trial begins, before anything can go wrong. @returns to be called when it has ended, in whatever way */
  begin(device: Accelerator): () => void {
    const before = this.#begun(device);
    this.#store.put(begunOf(device), before + 1);
    return () => this.#store.put(begunOf(device), before);
  }

  #begun(device: Accelerator): number {
    return this.#store.get<number>(begunOf(device)) ?? 0;
  }
}
