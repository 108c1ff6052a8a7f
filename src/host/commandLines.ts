import path from "node:path";
import * as vscode from "vscode";
import { runCommandLine } from "../client/commandLine.js";
import type { ModelsReport } from "../models/modelsReport.js";
import type { CommandProgress } from "../protocol/commandProgress.js";
import { LacunaError } from "../protocol/errors.js";
import { installProgress, type InstallProgress } from "../view/installWords.js";
import type { Settings } from "./settings.js";

export interface CommandLinesOptions {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
}

/** The commands for models and devices of the command line that comes with the extension, as the editor runs them. */
export class CommandLines implements vscode.Disposable {
  readonly #options: CommandLinesOptions;
  readonly #end = new AbortController();
  #installing = "";

  constructor(options: CommandLinesOptions) {
    this.#options = options;
  }

  /** Folder of the models that come with the extension. */
  get bundledFolder(): string {
    return this.#options.context.asAbsolutePath("models");
  }

  /** @throws LacunaError */
  async report(): Promise<ModelsReport> {
    const report = await this.#run<ModelsReport>(["--models", this.bundledFolder, "models"], this.#end.signal);
    if (report === undefined) throw ended();
    return report;
  }

  /**
   * Runs a command that installs something, with its progress in a notification that can cancel it. One at a time.
   *
   * @returns the folder of what was installed; undefined when it was cancelled
   * @throws LacunaError
   */
  async install(name: string, args: readonly string[]): Promise<string | undefined> {
    if (this.#installing !== "") {
      throw new LacunaError("downloadBusy", `${this.#installing} is being installed.`, "Wait until that is done, or cancel it.");
    }
    this.#installing = name;
    const isDownloaded = args[0] !== "import";
    const options = { location: vscode.ProgressLocation.Notification, title: `Lacuna: installing ${name}`, cancellable: true };
    try {
      return await vscode.window.withProgress(options, async (progress, token) => {
        const cancel = new AbortController();
        token.onCancellationRequested(() => cancel.abort());
        let share = 0;
        const show = ({ message, share: now = share }: InstallProgress): void => {
          progress.report({ message, increment: 100 * Math.max(0, now - share) });
          share = Math.max(share, now);
        };
        const signal = AbortSignal.any([cancel.signal, this.#end.signal]);
        return (await this.#run<{ readonly out: string }>(args, signal, (each) => show(installProgress(each, isDownloaded))))?.out;
      });
    } finally {
      this.#installing = "";
    }
  }

  /** Removes an installed model, and what was downloaded of it. @throws LacunaError */
  async remove(name: string): Promise<void> {
    await this.#run(["models", "remove", name, "--yes"], this.#end.signal);
  }

  dispose(): void {
    this.#end.abort();
  }

  #run<T>(args: readonly string[], signal: AbortSignal, onProgress?: (progress: CommandProgress) => void): Promise<T | undefined> {
    const { context, settings, log } = this.#options;
    const cliPath = context.asAbsolutePath(path.join("dist", "cli.js"));
    log.info(`command line: ${args.join(" ")}`);
    return runCommandLine<T>(cliPath, args, { variables: settings.networkVariables(), signal, onProgress, onLog: (line) => log.info(line) });
  }
}

const ended = (): LacunaError => new LacunaError("commandDied", "The list of models was not made: the window is closing.", "Try again.");
