import type { Device } from "../protocol/messages.js";

/** What is kept between windows. */
interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY = "lacuna.accelerator.crashedIn";

/** Keeps "auto" on the processor once an engine has died on an accelerator, or while it tried them, until a person restarts it or updates. */
export class SafeDevice {
  readonly #memory: Memory;
  readonly #version: string;

  /** @param version of the extension; a new one tries the accelerators again */
  constructor(memory: Memory, version: string) {
    this.#memory = memory;
    this.#version = version;
  }

  /** The device to ask for when the settings say `wanted`. */
  choose(wanted: Device | "auto"): Device | "auto" {
    return wanted === "auto" && this.#memory.get(KEY) === this.#version ? "cpu" : wanted;
  }

  /** @param device where it ran; undefined when it had not chosen yet. @returns whether it may have been the device's fault */
  died(device: Device | undefined): boolean {
    if (device === "cpu") return false;
    void this.#memory.update(KEY, this.#version);
    return true;
  }

  forget(): void {
    void this.#memory.update(KEY, undefined);
  }
}
