import * as vscode from "vscode";
import { COMMANDS } from "../contributions/commandTable.js";

const WHY =
  "Lacuna computes with a native program beside the editor, and an editor that runs in a browser alone cannot start one. " +
  "Open the folder in a desktop editor, or connect to a machine (SSH, container, tunnel): Lacuna then runs there.";

/** All that the extension does where it cannot run: each of its commands says why. */
export function createWebStub(): vscode.Disposable {
  const explain = (): Thenable<unknown> => vscode.window.showInformationMessage(WHY);
  return vscode.Disposable.from(...Object.keys(COMMANDS).map((id) => vscode.commands.registerCommand(id, explain)));
}
