import path from "node:path";
import * as vscode from "vscode";
import type { CatalogueEntry } from "../models/catalogue.js";
import type { ModelsReport } from "../models/modelsReport.js";
import { spokenBytes } from "../models/spoken.js";
import { downloadQuestion } from "../view/installWords.js";
import { asLabel } from "../view/asLabel.js";
import { folderName, freeName, modelRows, type ModelAction, type ModelRow } from "../view/modelRows.js";
import type { BrokenDownload } from "./brokenDownload.js";
import type { CommandLines } from "./commandLines.js";
import type { ConfiguredEngine } from "./configuredEngine.js";
import { reachMilestone } from "./milestones.js";
import { pickModel } from "./modelPick.js";
import type { ModelPaces } from "./modelPaces.js";
import { onCommand } from "./onCommand.js";
import { sayFailure } from "./sayFailure.js";

export interface ModelsOptions {
  readonly engine: Pick<ConfiguredEngine, "modelsFolder" | "fillFolder" | "memoryBytes" | "useModels" | "fillWith">;
  readonly commands: Pick<CommandLines, "bundledFolder" | "report" | "install" | "remove">;
  /** Remembers a download while it runs. */
  readonly during: BrokenDownload["during"];
  readonly paces: Pick<ModelPaces, "of">;
  /** With drafts, as measured here; undefined until enough was. */
  readonly tokensPerSecond: () => number | undefined;
}

/** `lacuna.models`: the models that are here and that can be had, to choose, install and remove. */
export class Models implements vscode.Disposable {
  readonly #options: ModelsOptions;
  readonly #command: vscode.Disposable;

  constructor(options: ModelsOptions) {
    this.#options = options;
    this.#command = onCommand("lacuna.models", () => this.#guarded(() => this.#choose()));
  }

  dispose(): void {
    this.#command.dispose();
  }

  /** Imports a file or a folder and uses it. Says what goes wrong. @param name what the model is to be called */
  importFrom(source: string, name: string): Promise<void> {
    return this.#guarded(async () => this.#import(source, name, await this.#options.commands.report()));
  }

  /** Asks, downloads a model of the catalogue and uses it. Says what goes wrong. */
  download(entry: CatalogueEntry): Promise<void> {
    return this.#guarded(async () => this.#get(entry, 0, await this.#options.commands.report()));
  }

  /** Has a file chosen, imports it and uses it. Says what goes wrong. */
  chooseFile(): Promise<void> {
    return this.#guarded(async () => this.#importFile(await this.#options.commands.report()));
  }

  async #choose(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      const text = "Models are chosen in a window whose folder is trusted. This one is not: Lacuna goes on with the model that is in use.";
      const choice = await vscode.window.showInformationMessage(text, "Manage Workspace Trust");
      if (choice !== undefined) await vscode.commands.executeCommand("workbench.trust.manage");
      return;
    }
    const { commands } = this.#options;
    for (;;) {
      const reported = commands.report();
      const picking = pickModel(reported.then((report) => this.#rows(report)));
      void reachMilestone("lacuna.hasShownModels");
      const pick = await picking;
      if (pick === undefined) return;
      if (pick.what === "removal") await this.#remove(pick.row);
      else if (pick.what === "fills") return this.#fillWith(pick.row);
      else return pick.what === "file" ? this.#importFile(await reported) : this.#act(pick.row.action, await reported);
    }
  }

  #rows(report: ModelsReport): ModelRow[] {
    const { engine, commands, paces, tokensPerSecond } = this.#options;
    const { modelsFolder: folder, fillFolder, memoryBytes } = engine;
    const inUse = { folder, fillFolder, memoryBytes, tokensPerSecond: tokensPerSecond() };
    return modelRows(report, commands.bundledFolder, inUse, (each) => paces.of(each));
  }

  async #act(action: ModelAction, report: ModelsReport): Promise<void> {
    if (action.kind === "explain") await vscode.window.showInformationMessage(asLabel(action.text));
    else if (action.kind === "use") await this.#use(action.folder, action.name);
    else if (action.kind === "import") await this.#import(action.source, action.name, report);
    else await this.#get(action.entry, action.loadedBytes, report);
  }

  async #use(folder: string, name: string): Promise<void> {
    await this.#options.engine.useModels(folder);
    vscode.window.setStatusBarMessage(asLabel(`Lacuna: ${name} is in use`), 3000);
  }

  /** Has a model fill holes that does not, and no longer one that does. */
  async #fillWith({ fills }: ModelRow): Promise<void> {
    if (fills === undefined) return;
    await this.#options.engine.fillWith(fills.isOn ? "" : fills.folder);
    const said = fills.isOn ? "one model writes everything" : `${fills.name} fills holes, and is loaded at the first one`;
    vscode.window.setStatusBarMessage(asLabel(`Lacuna: ${said}`), 5000);
  }

  async #importFile(report: ModelsReport): Promise<void> {
    const options = { title: "Choose a model", openLabel: "Import", filters: { "GGUF models": ["gguf"] } };
    const [file] = (await vscode.window.showOpenDialog(options)) ?? [];
    if (file !== undefined) await this.#import(file.fsPath, folderName(file.fsPath), report);
  }

  async #import(source: string, name: string, report: ModelsReport): Promise<void> {
    const taken = report.installed.map((model) => model.name);
    const [again, present] = ["Import It Again", "Use It"];
    const question = `There is an installed model ${name} already.`;
    const isTaken = report.installed.some((model) => model.name === name && model.problem === "");
    const choice = isTaken ? await vscode.window.showWarningMessage(question, { modal: true }, present, again) : again;
    if (choice === undefined) return;
    if (choice === present) await this.#use(path.join(report.folder, name), name);
    else await this.#install(freeName(name, taken), (free) => ["import", source, "--out", path.join(report.folder, free)]);
  }

  async #get(entry: CatalogueEntry, loadedBytes: number, report: ModelsReport): Promise<void> {
    const known = report.catalogue.find(({ name }) => name === entry.name)!;
    const options = { modal: true, detail: downloadQuestion(known, report, loadedBytes) };
    const choice = await vscode.window.showInformationMessage(`Download ${entry.name}?`, options, "Download");
    if (choice === undefined) return;
    await this.#options.during(entry.name, () => this.#install(entry.name, (name) => ["models", "get", name, "--yes"]));
  }

  async #install(name: string, argsFor: (name: string) => readonly string[]): Promise<void> {
    const { commands, engine } = this.#options;
    const folder = await commands.install(name, argsFor(name));
    if (folder === undefined) {
      vscode.window.setStatusBarMessage(`Lacuna: ${name} was not installed`, 5000);
      return;
    }
    await engine.useModels(folder);
    void vscode.window.showInformationMessage(`${name} is installed, and in use.`);
  }

  async #remove({ removal }: ModelRow): Promise<void> {
    if (removal === undefined) return;
    const { name, what, bytes, isInUse, fills } = removal;
    const detail = `${spokenBytes(bytes)} of disk are freed.${isInUse ? " The model that comes with Lacuna takes its place." : ""}`;
    if ((await vscode.window.showWarningMessage(`Remove ${what}?`, { modal: true, detail }, "Remove")) === undefined) return;
    // An engine holds the files of its models open.
    if (isInUse) await this.#options.engine.useModels("");
    if (fills) await this.#options.engine.fillWith("");
    await this.#options.commands.remove(name);
  }

  async #guarded(job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (error) {
      sayFailure(error);
    }
  }
}
