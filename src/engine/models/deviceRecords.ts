import type { Manifest } from "../../protocol/manifest.js";
import { CalibrationStore } from "./calibrationStore.js";
import type { Accelerator } from "./device.js";
import type { DeviceRecord } from "./deviceTrial.js";

const RECORD = "record";
const BEGUN = "begun";
/** A trial that was begun so often, and never came to an end of whatever kind, took the engine or the machine with it. */
const MOST_BEGUN = 2;

/** What is known of devices, by the hashes of the models, the runtime's version, the graphics driver and the threads that it was found with. */
export class DeviceRecords {
  readonly #storeOf: (device: Accelerator) => CalibrationStore;
  readonly #stores = new Map<Accelerator, CalibrationStore>();

  /** @param stateDir undefined: nothing outlives the process @param driver see `graphicsDriver` */
  constructor(stateDir: string | undefined, manifest: Manifest, threads: number, driver: string) {
    this.#storeOf = (device) => CalibrationStore.open(stateDir, manifest, threads, `trial of ${device}`, driver);
  }

  get(device: Accelerator): DeviceRecord | undefined {
    const store = this.#of(device);
    const record = store.get<DeviceRecord>(RECORD);
    if (record !== undefined || (store.get<number>(BEGUN) ?? 0) < MOST_BEGUN) return record;
    return { verdict: "crashed", detail: "the engine or the machine ended while it was tried" };
  }

  put(device: Accelerator, record: DeviceRecord): void {
    this.#of(device).put(RECORD, record);
  }

  /** Notes that a trial begins, before anything can go wrong. @returns to be called when it has ended, in whatever way */
  begin(device: Accelerator): () => void {
    const store = this.#of(device);
    const before = store.get<number>(BEGUN) ?? 0;
    store.put(BEGUN, before + 1);
    return () => store.put(BEGUN, before);
  }

  #of(device: Accelerator): CalibrationStore {
    const store = this.#stores.get(device) ?? this.#storeOf(device);
    this.#stores.set(device, store);
    return store;
  }
}
