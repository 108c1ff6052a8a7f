import * as vscode from "vscode";

/** Python to which the shipped models have something to add, of several words and no echo. */
export const UNFINISHED = `class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __repr__(self):`;

/** Opens text that belongs to no file, the cursor at its end. */
export async function openText(content: string, language = "python"): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
  const end = editor.document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return editor;
}
