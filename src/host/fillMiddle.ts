import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import type { EngineRequests } from "./engineRequests.js";
import { placeOf } from "./placeOf.js";

/** `lacuna.fillMiddle`: fills the selection, or the place of the cursor, as one undoable edit. */
export function registerFillMiddle(requests: EngineRequests): vscode.Disposable {
  return vscode.commands.registerCommand("lacuna.fillMiddle", async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage("Open a file and put the cursor where something is missing.");
      return;
    }
    try {
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: "Lacuna: filling in", cancellable: true },
        (_progress, token) => fill(editor, requests, token),
      );
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      void vscode.window.showErrorMessage(`${error.message} ${error.remedy}`);
    }
  });
}

async function fill(editor: vscode.TextEditor, requests: EngineRequests, token: vscode.CancellationToken): Promise<void> {
  const { document, selection } = editor;
  const version = document.version;
  const cancelled = new AbortController();
  token.onCancellationRequested(() => cancelled.abort());
  const place = placeOf(document, document.offsetAt(selection.start), document.offsetAt(selection.end));
  const { outcome, middle } = await requests.fill(place, { seed: 0, temperature: 0 }, { signal: cancelled.signal });
  if (outcome === "cancelled") return;
  if (document.version !== version) {
    void vscode.window.showInformationMessage("The document changed while Lacuna was filling it in; nothing was inserted.");
    return;
  }
  await editor.edit((edit) => edit.replace(selection, middle));
}
