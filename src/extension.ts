import path from "node:path";
import type * as vscode from "vscode";
import { registerFillMiddle } from "./host/fillMiddle.js";
import { EngineHost } from "./host/engineHost.js";

/** Builds the parts and hands them to the editor, which disposes of them. */
export function activate(context: vscode.ExtensionContext): void {
  const engine = new EngineHost({
    enginePath: context.asAbsolutePath(path.join("dist", "engine.js")),
    modelsDir: context.asAbsolutePath("models"),
  });
  context.subscriptions.push(engine, registerFillMiddle(engine));
}
