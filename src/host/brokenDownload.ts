import * as vscode from "vscode";
import { CATALOGUE, type CatalogueEntry } from "../models/catalogue.js";
import { isRunning } from "../models/isRunning.js";

const KEY = "lacuna.download.running";
/** After the start of a window: by then it has settled. */
const AFTER_MS = 10_000;

interface Running {
  readonly name: string;
  /** Of the extension host whose window downloads. */
  readonly pid: number;
}

export interface BrokenDownloadOptions {
  readonly memory: vscode.Memento;
  readonly download: (entry: CatalogueEntry) => Promise<void>;
  readonly afterMs?: number;
}

/** Remembers which model is being downloaded, and offers once to go on with what the end of a window broke off. */
export class BrokenDownload implements vscode.Disposable {
  readonly #options: BrokenDownloadOptions;
  readonly #timer: NodeJS.Timeout;
  #isDisposed = false;

  constructor(options: BrokenDownloadOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => void this.#offer(), options.afterMs ?? AFTER_MS).unref();
  }

  /** Runs a download that is remembered until it is over: done, failed or cancelled, but not while the window closes. */
  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { memory } = this.#options;
    await memory.update(KEY, { name, pid: process.pid } satisfies Running);
    try {
      return await work();
    } finally {
      if (!this.#isDisposed) await memory.update(KEY, undefined);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  async #offer(): Promise<void> {
    const { memory, download } = this.#options;
    const broken = memory.get<Running>(KEY);
    const entry = CATALOGUE.find(({ name }) => name === broken?.name);
    if (broken === undefined || isRunning(broken.pid) || !vscode.workspace.isTrusted) return;
    await memory.update(KEY, undefined);
    if (entry === undefined) return;
    const text = `The download of ${entry.name} was broken off when its window closed. What has come is kept.`;
    if ((await vscode.window.showInformationMessage(text, "Go On", "Not Now")) === "Go On") await download(entry);
  }
}
