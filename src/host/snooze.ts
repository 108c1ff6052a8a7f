import * as vscode from "vscode";
import { onCommand } from "./onCommand.js";

const MINUTE_MS = 60_000;
const CHOICES = [5, 30, 120];

export interface SnoozeOptions {
  /** Called when a snooze begins or ends. */
  readonly onChange: (isSnoozed: boolean) => void;
}

/** `lacuna.snooze`: no suggestions for a while. */
export class Snooze implements vscode.Disposable {
  readonly #options: SnoozeOptions;
  readonly #command: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds since 1970; 0 when not snoozed. */
  untilMs = 0;

  constructor(options: SnoozeOptions) {
    this.#options = options;
    this.#command = onCommand("lacuna.snooze", (minutes) => this.#ask(minutes));
  }

  end(): void {
    if (this.untilMs === 0) return;
    clearTimeout(this.#timer);
    this.untilMs = 0;
    this.#options.onChange(false);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#command.dispose();
  }

  async #ask(given: unknown): Promise<void> {
    const minutes = typeof given === "number" ? given : await askMinutes();
    if (minutes === undefined) return;
    if (minutes <= 0) {
      this.end();
      return;
    }
    clearTimeout(this.#timer);
    this.untilMs = Date.now() + minutes * MINUTE_MS;
    if (Number.isFinite(minutes)) this.#timer = setTimeout(() => this.end(), minutes * MINUTE_MS);
    this.#options.onChange(true);
  }
}

async function askMinutes(): Promise<number | undefined> {
  const endless = { label: "Until the window is reloaded", minutes: Infinity };
  const items = [...CHOICES.map((minutes) => ({ label: `${minutes} minutes`, minutes })), endless];
  return (await vscode.window.showQuickPick(items, { title: "No suggestions for" }))?.minutes;
}
