import * as vscode from "vscode";
import { onCommand } from "./onCommand.js";
import type { LatestRefusals } from "../suggest/latestRefusals.js";
import { asLabel } from "../view/asLabel.js";

/** `lacuna.whyNothing`: the latest reasons why nothing was shown. @param current why nothing would be suggested now */
export function registerRefusalList(refusals: LatestRefusals, current: () => string | undefined): vscode.Disposable {
  return onCommand("lacuna.whyNothing", async () => {
    const now = current();
    const items: vscode.QuickPickItem[] = refusals.latest.map(({ atMs, file, line, text }) => ({
      label: asLabel(text),
      // On a line of its own: beside a long reason there is no room for it.
      detail: asLabel(`${file.slice(file.lastIndexOf("/") + 1)}, line ${line} · ${new Date(atMs).toLocaleTimeString()}`),
    }));
    if (now !== undefined) items.unshift({ label: asLabel(now), description: "now", iconPath: new vscode.ThemeIcon("info") });
    if (items.length === 0) items.push({ label: "There was no such case since the window was opened." });
    await vscode.window.showQuickPick(items, { title: "Why nothing was suggested", matchOnDetail: true });
  });
}
