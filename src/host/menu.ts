import * as vscode from "vscode";
import type { Settings } from "./settings.js";

interface MenuItem extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

export interface MenuFacts {
  readonly settings: Settings;
  readonly isSnoozed: () => boolean;
  readonly endSnooze: () => void;
}

/** The menu behind the status bar item. */
export function registerMenu({ settings, isSnoozed, endSnooze }: MenuFacts): vscode.Disposable {
  return vscode.commands.registerCommand("lacuna.menu", async () => {
    const command = (label: string, id: string, ...args: unknown[]): MenuItem => ({ label, run: () => vscode.commands.executeCommand(id, ...args) });
    const group = (label: string): MenuItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    const pauses = settings.get("pauseOnBattery");
    const items: MenuItem[] = [
      command(settings.get("enabled") ? "$(circle-slash) Switch suggestions off" : "$(check) Switch suggestions on", "lacuna.toggle"),
      ...(languageId === undefined
        ? []
        : [command(`${settings.isLanguageOn(languageId) ? "$(circle-slash) Switch off" : "$(check) Switch on"} for ${languageId}`, "lacuna.toggleLanguage")]),
      isSnoozed() ? { label: "$(bell) End the snooze", run: endSnooze } : command("$(bell-slash) Snooze …", "lacuna.snooze"),
      {
        label: `$(plug) ${pauses ? "Do not pause" : "Pause"} on battery`,
        run: () => settings.set("pauseOnBattery", !pauses),
      },
      group("Look into it"),
      command("$(question) Why was nothing suggested?", "lacuna.whyNothing"),
      command("$(output) Show log", "lacuna.showLog"),
      command("$(copy) Copy diagnostics", "lacuna.copyDiagnostics"),
      group("Set up"),
      command("$(debug-restart) Restart engine", "lacuna.restartEngine"),
      command("$(package) Models …", "workbench.action.openSettings", "lacuna.modelsPath"),
      command("$(gear) Settings", "workbench.action.openSettings", "@ext:lacuna.lacuna"),
    ];
    const picked = await vscode.window.showQuickPick(items, { title: "Lacuna", placeHolder: "What shall it be?" });
    await picked?.run?.();
  });
}
