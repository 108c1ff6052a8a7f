import * as vscode from "vscode";
import { documentSlice } from "../protocol/documentSlice.js";
import { LacunaError } from "../protocol/errors.js";
import type { EngineHost } from "./engineHost.js";

const MAX_TOKENS = 64;

/** `lacuna.fillMiddle`: fills the selection, or the place of the cursor, as one undoable edit. */
export function registerFillMiddle(engine: EngineHost): vscode.Disposable {
  return vscode.commands.registerCommand("lacuna.fillMiddle", async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage("Open a file and put the cursor where something is missing.");
      return;
    }
    try {
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: "Lacuna: filling in", cancellable: true },
        (_progress, token) => fill(editor, engine, token),
      );
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      void vscode.window.showErrorMessage(`${error.message} ${error.remedy}`);
    }
  });
}

async function fill(editor: vscode.TextEditor, engine: EngineHost, token: vscode.CancellationToken): Promise<void> {
  const { document, selection } = editor;
  const version = document.version;
  const { prefix, suffix } = documentSlice(document.getText(), document.offsetAt(selection.start), document.offsetAt(selection.end));
  const cancelled = new AbortController();
  token.onCancellationRequested(() => cancelled.abort());
  const client = await engine.ready();
  const params = { prefix, suffix, maxTokens: MAX_TOKENS, temperature: 0, topP: 1, seed: 0, method: "auto" as const };
  const { outcome, middle } = await client.infill(params, { signal: cancelled.signal });
  if (outcome === "cancelled") return;
  if (document.version !== version) {
    void vscode.window.showInformationMessage("The document changed while Lacuna was filling it in; nothing was inserted.");
    return;
  }
  await editor.edit((edit) => edit.replace(selection, middle));
}
