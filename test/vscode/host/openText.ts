import * as vscode from "vscode";

/** Python to which every model has something to add. */
export const UNFINISHED = "def add(a, b):\n    return a + b\n\n\ndef subtract(a, b):";

/** Opens text that belongs to no file, the cursor at its end. */
export async function openText(content: string, language = "python"): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
  const end = editor.document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return editor;
}
