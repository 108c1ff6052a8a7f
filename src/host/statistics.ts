import * as vscode from "vscode";
import { Acceptances } from "./acceptances.js";
import { onCommand } from "./onCommand.js";
import { UsageLog } from "./usageLog.js";
import type { Speeds } from "../measure/speedRecord.js";
import { usageWords } from "../view/usageWords.js";

const FLUSH_MS = 5 * 60_000;

export interface StatisticsOptions {
  /** A folder of this person's, on this machine. */
  readonly folder: string;
  /** Name of the verifier that suggests now. */
  readonly model: () => string | undefined;
  readonly speeds: () => Speeds;
  readonly log: vscode.LogOutputChannel;
}

interface StatisticsItem extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

/** *Lacuna: Statistics*: what became of suggestions, on this machine alone, in numbers alone. */
export class Statistics implements vscode.Disposable {
  readonly #options: StatisticsOptions;
  readonly #usage: UsageLog;
  readonly acceptances: Acceptances;
  readonly #timer: NodeJS.Timeout;
  readonly #command: vscode.Disposable;

  constructor(options: StatisticsOptions) {
    this.#options = options;
    this.#usage = new UsageLog(options.folder);
    const add = ({ languageId }: vscode.TextDocument, counts: Parameters<UsageLog["add"]>[2]): void => {
      this.#usage.add(languageId, options.model() ?? "unknown", counts);
    };
    this.acceptances = new Acceptances({
      onShown: (document) => add(document, { shown: 1 }),
      onAccepted: (document, characters) => add(document, { accepted: 1, characters }),
      onJudged: (document, isWhole) => add(document, { judged: 1, kept: isWhole ? 1 : 0 }),
    });
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS).unref();
    this.#command = onCommand("lacuna.statistics", () => this.#show());
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#command.dispose();
    this.acceptances.dispose();
    this.#flush();
  }

  #flush(): void {
    try {
      this.#usage.flush();
    } catch (error) {
      this.#options.log.warn(`statistics: ${String(error)}`);
    }
  }

  async #show(): Promise<void> {
    const rows: StatisticsItem[] = this.#usage.read().map(usageWords);
    const { speedup } = this.#options.speeds();
    if (speedup !== undefined)
      rows.push({ label: `Drafts make writing ${speedup.toFixed(1)}x as fast`, description: "since this window was opened" });
    const actions: StatisticsItem[] = [
      { label: "", kind: vscode.QuickPickItemKind.Separator },
      { label: "$(export) Export …", run: () => this.#export() },
      { label: "$(trash) Reset …", run: () => this.#reset() },
    ];
    const items = rows.length === 0 ? [{ label: "Nothing was suggested yet." }] : [...rows, ...actions];
    const placeHolder = "Counted on this machine, kept on this machine; no text is stored";
    const picked = await vscode.window.showQuickPick(items, { title: "Lacuna: Statistics", placeHolder });
    await picked?.run?.();
  }

  /** As JSON, in an editor of its own, to be saved where the person likes. */
  async #export(): Promise<void> {
    const content = `${JSON.stringify(this.#usage.read(), undefined, 2)}\n`;
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "json", content }));
  }

  async #reset(): Promise<void> {
    const answer = await vscode.window.showWarningMessage("Forget all that was counted on this machine?", { modal: true }, "Forget");
    if (answer === "Forget") this.#usage.reset();
  }
}
