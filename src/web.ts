import type * as vscode from "vscode";
import { createWebStub } from "./host/webStub.js";

/** The extension in a browser without a machine behind it. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(createWebStub());
}
