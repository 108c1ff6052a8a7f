import * as vscode from "vscode";
import { betterModel } from "../models/betterModel.js";
import { asLabel } from "../view/asLabel.js";
import { folderName } from "../view/modelRows.js";
import { offerWords } from "../view/installWords.js";
import type { CommandLines } from "./commandLines.js";
import type { Models } from "./models.js";
import type { Settings } from "./settings.js";

/** Remembers, for this person and for ever, that they were asked. */
const KEY = "lacuna.betterModel.offered";
/** After the first suggestion: by then a person knows what the small model is like. */
const AFTER_MS = 10 * 60_000;
/** How long to wait for a window that is in front. */
const AGAIN_MS = 60_000;

export interface ModelOfferOptions {
  readonly memory: vscode.Memento & { setKeysForSync?(keys: readonly string[]): void };
  readonly settings: Pick<Settings, "isGiven">;
  readonly commands: Pick<CommandLines, "report">;
  readonly models: Pick<Models, "importFrom" | "download" | "chooseFile">;
  readonly log: Pick<vscode.LogOutputChannel, "info">;
  readonly afterMs?: number;
}

/** Says once that a better model can be had, to who has chosen none and whose machine can bear one. */
export class ModelOffer implements vscode.Disposable {
  readonly #options: ModelOfferOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ModelOfferOptions) {
    this.#options = options;
    options.memory.setKeysForSync?.([KEY]);
  }

  /** Something was suggested. */
  suggested(): void {
    if (this.#timer === undefined && this.#isOpen()) this.#wait(this.#options.afterMs ?? AFTER_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #isOpen(): boolean {
    const { memory, settings } = this.#options;
    return memory.get(KEY) === undefined && vscode.workspace.isTrusted && !settings.isGiven("modelsPath");
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      if (!vscode.window.state.focused) this.#wait(AGAIN_MS);
      else this.#offer().catch((error: unknown) => this.#options.log.info(`no better model is offered: ${String(error)}`));
    }, ms).unref();
  }

  async #offer(): Promise<void> {
    const { memory, commands, models } = this.#options;
    if (!this.#isOpen()) return;
    const better = betterModel(await commands.report());
    if (better === undefined || !this.#isOpen()) return;
    await memory.update(KEY, true);
    const { sentence, here, download } = offerWords(better);
    const file = "Choose a File …";
    const buttons = [here, download, file, "Not Now"].filter((button) => button !== "");
    const choice = await vscode.window.showInformationMessage(asLabel(sentence), ...buttons);
    if (choice === undefined) return;
    if (choice === here) await models.importFrom(better.found!.path, folderName(better.found!.label.split(", ")[0]));
    else if (choice === download) await models.download(better.entry!);
    else if (choice === file) await models.chooseFile();
  }
}
