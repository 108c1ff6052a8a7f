import { isOnBattery } from "./battery.js";

/** On Windows a look starts a program of some weight. */
const LOOK_EVERY_MS = process.platform === "win32" ? 300_000 : 60_000;

export interface BatteryWatchOptions {
  /** Whether anybody wants to know. */
  readonly isWanted: () => boolean;
  readonly onChange: () => void;
  /** Default: what the system says. */
  readonly look?: () => Promise<boolean>;
}

/** Knows, within a minute (five on Windows), whether the machine runs on battery. */
export class BatteryWatch {
  readonly #options: BatteryWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #isOnBattery = false;

  constructor(options: BatteryWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
    void this.look();
  }

  /** False while nobody wants to know. */
  get isOnBattery(): boolean {
    return this.#isOnBattery;
  }

  /** Looks now: whether it is wanted may have changed. */
  async look(): Promise<void> {
    const { isWanted, onChange, look = isOnBattery } = this.#options;
    const isNow = isWanted() && (await look());
    if (isNow === this.#isOnBattery) return;
    this.#isOnBattery = isNow;
    onChange();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}
