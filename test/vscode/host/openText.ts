import * as vscode from "vscode";
import { waitFor } from "../editor/waitFor.js";

/** Python to which any model has something to add, of several words and no echo. */
export const UNFINISHED = `class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __repr__(self):`;

/** Opens text that belongs to no file, the cursor at its end. */
export async function openText(content: string, language = "python"): Promise<vscode.TextEditor> {
  // The name of a document that is being closed may be given anew, and with it what that one held.
  const open = async (): Promise<vscode.TextDocument> => vscode.workspace.openTextDocument({ content, language });
  const document = await waitFor("a new document", open, (found) => !found.isClosed && found.getText() === content);
  const editor = await vscode.window.showTextDocument(document);
  const end = editor.document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return editor;
}
