import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { isUnencodable } from "../../../src/host/unencodable.js";
import { openSample } from "./openSample.js";

const run = (command: string): Thenable<unknown> => vscode.commands.executeCommand(command);
const fill = (): Thenable<unknown> => run("lacuna.fillMiddle");
const accept = (): Thenable<unknown> => run("lacuna.fill.accept");
const discard = (): Thenable<unknown> => run("lacuna.fill.discard");

/** A new file of the workspace, opened. */
async function openNew(name: string, content: string, encoding: BufferEncoding = "utf8"): Promise<vscode.TextEditor> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = path.join(folder.uri.fsPath, name);
  writeFileSync(file, content, encoding);
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
}

/** Selects what stands between two offsets of a line, counted from its first character that is not blank. */
function selectInLine(editor: vscode.TextEditor, line: number, characters = 0): void {
  const { range, firstNonWhitespaceCharacterIndex: indent } = editor.document.lineAt(line);
  const start = range.start.translate(0, indent);
  editor.selection = new vscode.Selection(start, start.translate(0, characters));
}

/** A file system in which every file says the same. */
function readOnlyFiles(content: string): vscode.FileSystemProvider {
  const no = (): never => {
    throw vscode.FileSystemError.NoPermissions();
  };
  return {
    onDidChangeFile: () => new vscode.Disposable(() => {}),
    watch: () => new vscode.Disposable(() => {}),
    stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: content.length }),
    readFile: () => new TextEncoder().encode(content),
    readDirectory: () => [],
    ...{ createDirectory: no, writeFile: no, delete: no, rename: no },
  };
}

function assertFilled(after: string, parts: readonly string[]): void {
  let at = 0;
  for (const part of parts) {
    const found = after.indexOf(part, at);
    assert.ok(found !== -1, `${JSON.stringify(part)} is gone from ${JSON.stringify(after)}`);
    at = found + part.length;
  }
  assert.ok(after.startsWith(parts[0]) && after.endsWith(parts.at(-1)!), after);
  assert.ok(after.length > parts.join("").length, "nothing was put in");
}

describe("the fill command", function () {
  this.timeout(240_000);
  afterEach(async () => {
    await discard();
    if (vscode.window.activeTextEditor?.document.isDirty === true) await run("workbench.action.files.revert");
    await run("workbench.action.closeAllEditors");
  });

  it("changes exactly the selection when it is accepted, and one undo restores it", async () => {
    const editor = await openSample("example.py");
    const { document } = editor;
    const before = document.getText();
    const { range } = document.lineAt(23);
    selectInLine(editor, 23, range.end.character - 4);
    await fill();
    assert.equal(document.getText(), before);
    await accept();
    const start = document.offsetAt(range.start);
    assertFilled(document.getText(), [before.slice(0, start + 4), before.slice(before.indexOf("\n", start))]);
    await run("undo");
    assert.equal(document.getText(), before);
    await run("redo");
    assert.notEqual(document.getText(), before);
  });

  it("leaves the document as it was when it is discarded, with nothing to undo or save", async () => {
    const editor = await openNew("discarded.py", "def total(rows):\n    result = 0\n    return result\n");
    const { document } = editor;
    const [before, { version }] = [document.getText(), document];
    selectInLine(editor, 1, 6);
    await fill();
    await run("lacuna.fill.next");
    await discard();
    await run("undo");
    assert.equal(document.getText(), before);
    assert.equal(document.version, version);
    assert.equal(document.isDirty, false);
    await accept();
    assert.equal(document.version, version);
  });

  it("fills at several cursors, in one undo step", async () => {
    const editor = await openNew("two.py", "def area(width, height):\n    return \n\n\ndef rim(width, height):\n    return \n");
    const { document } = editor;
    const before = document.getText();
    const places = [1, 5].map((line) => document.lineAt(line).range.end);
    editor.selections = places.map((place) => new vscode.Selection(place, place));
    const [first, second] = places.map((place) => document.offsetAt(place));
    await fill();
    await accept();
    assertFilled(document.getText(), [before.slice(0, first), before.slice(first, second), before.slice(second)]);
    assert.equal(editor.selections.length, 2);
    await run("undo");
    assert.equal(document.getText(), before);
  });

  it("fills every placeholder of a file at once", async () => {
    const { document } = await openNew("placeholders.py", "def greet(name):\n    return ___\n\n\ndef main():\n    # TODO: fill\n\n\nmain()\n");
    await run("lacuna.fillPlaceholders");
    await accept();
    assertFilled(document.getText(), ["def greet(name):\n    return ", "\n\n\ndef main():\n    ", "\n\n\nmain()\n"]);
    assert.doesNotMatch(document.getText(), /___|TODO: fill/);
  });

  it("is cancelled by typing, which stays", async () => {
    const editor = await openSample("example.py");
    const { document } = editor;
    const before = document.getText();
    selectInLine(editor, 29);
    const filled = fill();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await vscode.commands.executeCommand("type", { text: "x" });
    await filled;
    await accept();
    const at = document.offsetAt(document.lineAt(29).range.start) + 4;
    assert.equal(document.getText(), `${before.slice(0, at)}x${before.slice(at)}`);
  });

  it("keeps the line ends of a document, and emoji before and behind the hole", async () => {
    const parts = ["# 🦀🦀\r\ntotal = ", "  # 🦀\r\nprint(total)\r\n"];
    const editor = await openNew("crlf.py", parts.join("___"));
    const cursor = editor.document.positionAt(parts[0].length);
    editor.selection = new vscode.Selection(cursor, cursor);
    await fill();
    await accept();
    assertFilled(editor.document.getText(), parts);
    assert.doesNotMatch(editor.document.getText(), /___|(?<!\r)\n/);
  });

  it("does not begin in a file system that is read-only", async () => {
    const provider = vscode.workspace.registerFileSystemProvider("memfs", readOnlyFiles("x = \n"), { isReadonly: true });
    try {
      const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(vscode.Uri.parse("memfs:/x.py")));
      editor.selection = new vscode.Selection(0, 4, 0, 4);
      const started = performance.now();
      await fill();
      await accept();
      assert.equal(editor.document.getText(), "x = \n");
      assert.ok(performance.now() - started < 5000);
    } finally {
      provider.dispose();
    }
  });

  it("changes nothing in an editor that is read-only", async () => {
    const editor = await openNew("locked.py", "x = \n");
    editor.selection = new vscode.Selection(0, 4, 0, 4);
    await run("workbench.action.files.setActiveEditorReadonlyInSession");
    await fill();
    await accept();
    assert.equal(editor.document.getText(), "x = \n");
    assert.equal(editor.document.isDirty, false);
  });

  it("knows which texts the encoding of a document lacks", async () => {
    const { document } = await openNew("latin.py", "x = 'é'\n", "latin1");
    const latin = await vscode.workspace.openTextDocument(document.uri, { encoding: "iso88591" });
    assert.equal(latin.getText(), "x = 'é'\n");
    assert.equal(await isUnencodable(latin, "é"), false);
    assert.equal(await isUnencodable(latin, "語"), true);
    assert.equal(await isUnencodable((await openSample("example.py")).document, "語"), false);
  });
});
