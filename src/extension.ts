import type * as vscode from "vscode";
import { createLacuna } from "./host/lacuna.js";

/** Builds the parts and hands them to the editor, which disposes of them. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(createLacuna(context));
}
