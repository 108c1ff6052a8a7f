import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { EngineLife, type StartedEngine, type Writers } from "../client/engineLife.js";
import { FillFirst } from "../client/fillFirst.js";
import { memoryToSpare } from "../machine/memoryToSpare.js";
import { spokenBytes } from "../models/spoken.js";

/** What an engine takes beside the files of its models: the runtime, a context, the room of a pass. */
const BESIDE_FILES_BYTES = 500e6;

export interface FillEngineOptions {
  /** Folder of the model that fills holes; "" where that is the one that writes everything else. */
  readonly folder: () => string;
  /** Starts an engine with the models of a folder. @throws LacunaError */
  readonly start: (folder: string) => Promise<StartedEngine>;
  /** Those that write everything else. */
  readonly others: Writers;
  readonly idleMs: () => number;
  readonly onState: () => void;
  readonly log: (line: string) => void;
  /** Default: as the system tells. In bytes. */
  readonly freeBytes?: () => number;
}

/** A model of their own for holes that are filled on request: loaded at the first fill, where there is memory for two. */
export class FillEngine {
  readonly life: EngineLife;
  /** Who fills. */
  readonly writers: Writers;
  readonly #options: FillEngineOptions;
  #obstacle: string | undefined;

  constructor(options: FillEngineOptions) {
    this.#options = options;
    const { others, start, folder, idleMs, onState, log } = options;
    this.life = new EngineLife({ start: () => start(folder()), idleMs, onState, log });
    this.writers = new FillFirst({
      fills: this.life,
      others,
      isWanted: () => this.#isWanted(),
      onOthers: ({ message }) => this.#isHeldUp(message),
    });
  }

  /** What fills holes, for the status bar; undefined where nothing special does. */
  get words(): string | undefined {
    const folder = this.#options.folder();
    if (folder === "") return undefined;
    const name = path.basename(folder);
    if (this.#obstacle !== undefined) return `${name} was to fill, and did not. ${this.#obstacle}`;
    return `${name}, ${this.life.started === undefined ? "loaded when needed" : "loaded"}`;
  }

  async #isWanted(): Promise<boolean> {
    const folder = this.#options.folder();
    if (folder === "") return false;
    this.#obstacle = undefined;
    if (this.life.started !== undefined) return true;
    const neededBytes = (await bytesIn(folder)) + BESIDE_FILES_BYTES;
    const spareBytes = memoryToSpare(this.#options.freeBytes?.());
    if (neededBytes <= spareBytes) return true;
    this.#isHeldUp(`It needs ${spokenBytes(neededBytes)} of memory, and ${spokenBytes(spareBytes)} are to spare.`);
    return false;
  }

  #isHeldUp(why: string): void {
    this.#obstacle = why;
    this.#options.log(`fills: by the model that writes everything else. ${why}`);
    this.#options.onState();
  }
}

/** Of the files in a folder; 0 where it cannot be read: loading it says why. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(path.join(folder, name)).then(({ size }) => size, () => 0))); // prettier-ignore
  return sizes.reduce((sum, size) => sum + size, 0);
}
