import * as vscode from "vscode";
import type { CommandId } from "../contributions/commandTable.js";
import { reachMilestone } from "./milestones.js";
import { onCommand } from "./onCommand.js";
import { asLabel } from "../view/asLabel.js";
import type { Settings } from "./settings.js";
import type { Snooze } from "./snooze.js";

interface MenuItem extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

export interface MenuFacts {
  readonly settings: Settings;
  readonly snooze: Snooze;
}

const group = (label: string): MenuItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
const command = (label: string, id: CommandId): MenuItem => ({ label, run: () => vscode.commands.executeCommand(id) });
const settingsPage = (label: string, query: string): MenuItem => ({
  label,
  run: () => vscode.commands.executeCommand("workbench.action.openSettings", query),
});

/** `lacuna.menu`: the menu behind the status bar item. */
export function registerMenu({ settings, snooze }: MenuFacts): vscode.Disposable {
  return onCommand("lacuna.menu", async () => {
    const items = [
      ...switches(settings, snooze),
      group("Inspect"),
      command("$(question) Why was nothing suggested?", "lacuna.whyNothing"),
      command("$(rocket) Race: drafts against one token a pass", "lacuna.race"),
      command("$(graph) Statistics", "lacuna.statistics"),
      command("$(dashboard) Benchmark this machine", "lacuna.benchmark"),
      command("$(output) Show log", "lacuna.showLog"),
      command("$(copy) Copy diagnostics", "lacuna.copyDiagnostics"),
      group("Set up"),
      command("$(debug-restart) Restart engine", "lacuna.restartEngine"),
      command("$(package) Models …", "lacuna.models"),
      settingsPage("$(gear) Settings", "@ext:lacuna.lacuna"),
    ];
    const picking = vscode.window.showQuickPick(items, { title: "Lacuna", placeHolder: "Choose an action" });
    void reachMilestone("lacuna.hasShownMenu");
    const picked = await picking;
    await picked?.run?.();
  });
}

function switches(settings: Settings, snooze: Snooze): MenuItem[] {
  const verb = (isOn: boolean): string => (isOn ? "$(circle-slash) Switch off" : "$(check) Switch on");
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const pauses = settings.get("pauseOnBattery");
  return [
    command(`${verb(settings.get("enabled"))} suggestions`, "lacuna.toggle"),
    ...(languageId === undefined ? [] : [command(`${verb(settings.isLanguageOn(languageId))} for ${asLabel(languageId)}`, "lacuna.toggleLanguage")]),
    snooze.untilMs > 0 ? { label: "$(bell) End the snooze", run: () => snooze.end() } : command("$(bell-slash) Snooze …", "lacuna.snooze"),
    { label: `$(plug) ${pauses ? "Do not pause" : "Pause"} on battery`, run: () => settings.set("pauseOnBattery", !pauses) },
  ];
}
