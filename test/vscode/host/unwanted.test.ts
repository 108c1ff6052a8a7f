import assert from "node:assert/strict";
import * as vscode from "vscode";
import { acceptedSuggestion, typeKeys } from "./acceptedSuggestion.js";
import { engineMsOf, pause, REST_MS } from "./engineMs.js";
import { openText, UNFINISHED } from "./openText.js";

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const KEYS = "\nvalue = point.x + other";
describe("the engine", function () {
  this.timeout(240_000);
  before(async () => {
    await acceptedSuggestion(await openText(UNFINISHED));
    await run("workbench.action.revertAndCloseActiveEditor");
  });
  afterEach(() => run("workbench.action.revertAndCloseActiveEditor"));

  it("is asked while something is typed, and not where the editor shows no suggestions", async () => {
    const settings = vscode.workspace.getConfiguration("editor", { languageId: "python" });
    const set = (value: boolean | undefined): Thenable<void> =>
      settings.update("inlineSuggest.enabled", value, vscode.ConfigurationTarget.Global, true);
    await openText(UNFINISHED);
    assert.ok((await engineMsOf(() => typeKeys(KEYS, 60))) > REST_MS);
    await set(false);
    try {
      await openText(UNFINISHED);
      const ms = await engineMsOf(() => typeKeys(KEYS, 60));
      assert.ok(ms <= REST_MS, `${ms} ms`);
    } finally {
      await set(undefined);
    }
  });

  it("is not asked at changes that nobody typed", async () => {
    const editor = await openText(`${"# a line\n".repeat(40)}${UNFINISHED}`);
    const start = new vscode.Position(1, 0);
    editor.selection = new vscode.Selection(start, start);
    const ms = await engineMsOf(async () => {
      for (let line = 20; line < 40; line += 1) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(editor.document.uri, new vscode.Position(line, 0), `value${line} = `);
        await vscode.workspace.applyEdit(edit);
        await pause(60);
      }
    });
    assert.ok(ms <= REST_MS, `${ms} ms`);
  });
});

describe("a key", function () {
  this.timeout(240_000);
  after(() => run("workbench.action.revertAndCloseActiveEditor"));

  it("changes the document before it moves the cursor, however fast keys come", async () => {
    const { document } = await openText(UNFINISHED);
    const isAtCursor: boolean[] = [];
    const listener = vscode.workspace.onDidChangeTextDocument((event) => {
      const cursor = vscode.window.activeTextEditor?.selection.active;
      if (event.document !== document || cursor === undefined) return;
      isAtCursor.push(...event.contentChanges.map(({ range }) => range.contains(cursor)));
    });
    await Promise.all([...KEYS].map((text) => run("type", { text })));
    await pause(500);
    listener.dispose();
    assert.deepEqual(
      isAtCursor,
      Array.from(isAtCursor, () => true),
    );
    assert.equal(isAtCursor.length, KEYS.length);
  });
});
