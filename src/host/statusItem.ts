import * as vscode from "vscode";
import { asLabel } from "../view/asLabel.js";
import { statusView, type StatusFacts, type StatusView } from "../view/statusView.js";

/** Nothing changes in the status bar before so long nothing was typed. */
const QUIET_MS = 1000;

/** The status bar item, and the language status item with the details. */
export class StatusItem implements vscode.Disposable {
  readonly #facts: () => StatusFacts;
  readonly #item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 90);
  readonly #language = vscode.languages.createLanguageStatusItem("lacuna.language", { pattern: "**" });
  #timer: NodeJS.Timeout | undefined;
  #quietFromMs = 0;

  constructor(facts: () => StatusFacts) {
    this.#facts = facts;
    this.#item.name = "Lacuna";
    this.#item.command = "lacuna.menu";
    this.#language.name = "Lacuna";
    this.#language.command = { command: "lacuna.toggleLanguage", title: "Switch" };
    this.#update();
    this.#item.show();
  }

  /** Something was typed: what changes waits. */
  activity(): void {
    this.#quietFromMs = performance.now() + QUIET_MS;
  }

  /** The facts may have changed. */
  changed(): void {
    if (this.#timer !== undefined) return;
    const wait = (): void => {
      const leftMs = this.#quietFromMs - performance.now();
      this.#timer = leftMs <= 0 ? undefined : setTimeout(wait, leftMs);
      if (leftMs <= 0) this.#update();
    };
    this.#timer = setTimeout(wait, 0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#item.dispose();
    this.#language.dispose();
  }

  #update(): void {
    const facts = this.#facts();
    const view: StatusView = statusView(facts);
    const tooltip = new vscode.MarkdownString(view.tooltip);
    this.#item.text = view.text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: view.spoken };
    this.#item.color = view.isGrey ? new vscode.ThemeColor("disabledForeground") : undefined;
    this.#item.backgroundColor = view.isWarning ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.#language.text = facts.refusal === undefined ? "Suggestions on" : "No suggestions";
    const names = facts.models.map(({ name }) => name).join(", ");
    this.#language.detail = asLabel(facts.refusal ?? [names, facts.device].filter(Boolean).join(" · "));
    this.#language.severity = view.isWarning ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
  }
}
