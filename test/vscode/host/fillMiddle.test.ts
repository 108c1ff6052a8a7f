import assert from "node:assert/strict";
import * as vscode from "vscode";

async function openSample(name: string): Promise<vscode.TextEditor> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  return vscode.window.showTextDocument(document);
}

describe("the fill command", () => {
  it("changes exactly the selection, and one undo restores it", async () => {
    const editor = await openSample("example.py");
    const { document } = editor;
    const before = document.getText();
    const line = document.lineAt(10);
    editor.selection = new vscode.Selection(line.range.start.translate(0, line.firstNonWhitespaceCharacterIndex), line.range.end);
    await vscode.commands.executeCommand("lacuna.fillMiddle");
    assert.notEqual(document.getText(), before);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), before);
  });
});
