import * as vscode from "vscode";
import { onCommand } from "./onCommand.js";
import type { Settings } from "./settings.js";

/** `lacuna.toggle` and `lacuna.toggleLanguage`: suggestions on and off, everywhere or in one language. */
export function registerToggles(settings: Settings): vscode.Disposable {
  return vscode.Disposable.from(
    onCommand("lacuna.toggle", () => settings.set("enabled", !settings.get("enabled"))),
    onCommand("lacuna.toggleLanguage", async () => {
      const languageId = vscode.window.activeTextEditor?.document.languageId;
      if (languageId === undefined) {
        void vscode.window.showInformationMessage("Open a file of the language first.");
        return;
      }
      await settings.setLanguage(languageId, !settings.isLanguageOn(languageId));
    }),
  );
}
