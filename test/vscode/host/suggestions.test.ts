import assert from "node:assert/strict";
import * as vscode from "vscode";
import { waitFor } from "../editor/waitFor.js";
import { acceptedSuggestion, typeKeys } from "./acceptedSuggestion.js";
import { openText, UNFINISHED } from "./openText.js";

const PLAIN_TYPING = { autoClosingBrackets: "never", autoIndent: "none" };

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const editorSettings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("editor");

describe("suggestions", function () {
  this.timeout(240_000);
  before(async () => {
    for (const [key, value] of Object.entries(PLAIN_TYPING)) await editorSettings().update(key, value, vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    for (const key of Object.keys(PLAIN_TYPING)) await editorSettings().update(key, undefined, vscode.ConfigurationTarget.Global);
  });
  afterEach(() => run("workbench.action.revertAndCloseActiveEditor"));

  it("come in a file that was never saved, and one undo takes them back", async () => {
    const editor = await openText(UNFINISHED);
    const text = await acceptedSuggestion(editor);
    assert.match(text, /\S/);
    await run("undo");
    assert.equal(editor.document.getText(), UNFINISHED);
  });

  it("go on where their own beginning was typed, or accepted word by word", async () => {
    const whole = await acceptedSuggestion(await openText(UNFINISHED));
    await run("workbench.action.revertAndCloseActiveEditor");
    const typed = await openText(UNFINISHED);
    const head = whole.slice(0, 4);
    await typeKeys(head, 100);
    // Either may have been taken before all of it had come.
    const [shorter, longer] = [whole, head + (await acceptedSuggestion(typed))].sort((a, b) => a.length - b.length);
    assert.ok(longer.startsWith(shorter), JSON.stringify({ shorter, longer }));
    await run("workbench.action.revertAndCloseActiveEditor");
    const word = await acceptedSuggestion(await openText(UNFINISHED), "editor.action.inlineSuggest.acceptNextWord");
    assert.ok(word.length < longer.length && longer.startsWith(word), JSON.stringify({ longer, word }));
  });

  it("are counted when they are accepted, which Lacuna: Statistics exports without their text", async () => {
    const text = await acceptedSuggestion(await openText(UNFINISHED));
    await run("workbench.action.revertAndCloseActiveEditor");
    void run("lacuna.statistics");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Of the list's last two items, to reset and to export, the second.
    for (let count = 0; count < 2; count += 1) await run("workbench.action.quickOpenSelectPrevious");
    await run("workbench.action.acceptSelectedQuickOpenItem");
    const exported = await waitFor(
      "the exported statistics",
      () => vscode.window.activeTextEditor?.document,
      (document) => document?.languageId === "json",
    );
    const rows = JSON.parse(exported!.getText()) as { language: string; shown: number; accepted: number; characters: number }[];
    const python = rows.find(({ language }) => language === "python");
    assert.ok(python !== undefined && python.shown > 0 && python.accepted > 0 && python.characters >= text.length, JSON.stringify(rows));
  });

  it("come in a cell of a notebook", async () => {
    const cells = ["import math", UNFINISHED];
    const data = new vscode.NotebookData(cells.map((text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python")));
    const notebook = await vscode.workspace.openNotebookDocument("jupyter-notebook", data);
    await vscode.window.showNotebookDocument(notebook, { selections: [new vscode.NotebookRange(1, 2)] });
    await run("notebook.cell.edit");
    const cell = notebook.cellAt(1).document;
    const editor = await waitFor(
      "the editor in front",
      () => vscode.window.activeTextEditor,
      (found) => found?.document === cell,
    );
    await run("cursorBottom");
    assert.match(await acceptedSuggestion(editor!), /\S/);
  });

  it("do not come in a language that is switched off, and do when they are asked for", async () => {
    const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("lacuna");
    await openText(UNFINISHED);
    await run("lacuna.toggleLanguage");
    assert.deepEqual(settings().get("languages"), { "*": true, python: false });
    const editor = vscode.window.activeTextEditor!;
    assert.match(await acceptedSuggestion(editor), /\S/);
    await settings().update("languages", undefined, vscode.ConfigurationTarget.Global);
  });
});
