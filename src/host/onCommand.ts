import * as vscode from "vscode";
import type { CommandId } from "../contributions/commandTable.js";

/** Registers what a command of the extension does. */
export function onCommand(id: CommandId, run: (...args: unknown[]) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(id, run);
}
