import assert from "node:assert/strict";
import * as vscode from "vscode";
import { openSample } from "./openSample.js";

describe("the fill command", () => {
  it("changes exactly the selection, and one undo restores it", async () => {
    const editor = await openSample("example.py");
    const { document } = editor;
    const before = document.getText();
    const line = document.lineAt(10);
    const start = line.range.start.translate(0, line.firstNonWhitespaceCharacterIndex);
    editor.selection = new vscode.Selection(start, line.range.end);
    const [head, tail] = [document.getText(new vscode.Range(0, 0, start.line, start.character)), before.slice(document.offsetAt(line.range.end))];
    await vscode.commands.executeCommand("lacuna.fillMiddle");
    const after = document.getText();
    assert.notEqual(after, before);
    assert.ok(after.startsWith(head) && after.endsWith(tail) && after.length >= head.length + tail.length, after);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), before);
  });
});
