import assert from "node:assert/strict";
import * as vscode from "vscode";
import { acceptedSuggestion } from "./acceptedSuggestion.js";
import { engineMsOf, pause, REST_MS } from "./engineMs.js";
import { openText, UNFINISHED } from "./openText.js";

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const LINES = 60;
const LONG = Array.from({ length: LINES }, (_, line) => `value_${line} = compute(${line}, "the ${line}th")\n`).join("");

/** Puts the cursor at the end of a line. */
async function jump(editor: vscode.TextEditor, line: number): Promise<void> {
  const { end } = editor.document.lineAt(line).range;
  editor.selection = new vscode.Selection(end, end);
  await pause(20);
}

describe("reading ahead in the editor", function () {
  this.timeout(240_000);
  before(async () => {
    await acceptedSuggestion(await openText(UNFINISHED));
    await run("workbench.action.revertAndCloseActiveEditor");
  });
  afterEach(() => run("workbench.action.revertAndCloseActiveEditor"));

  it("happens where the cursor rests after a jump, once, and not on the way there", async () => {
    const editor = await openText(LONG);
    const once = await engineMsOf(() => jump(editor, LINES / 2));
    assert.ok(once > 2 * REST_MS, `${once} ms after a jump`);
    const again = await engineMsOf(() => jump(editor, LINES / 2));
    assert.ok(again <= REST_MS, `${again} ms where the cursor was`);
    await jump(editor, 2);
    const passing = await engineMsOf(async () => {
      for (let line = 3; line < 33; line += 1) await jump(editor, line);
    });
    // Thirty places, of which one is read.
    assert.ok(passing < 4 * once, `${passing} ms over thirty lines, ${once} ms for one jump`);
  });

  it("does not happen where nothing would be suggested", async () => {
    const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("lacuna");
    for (const [key, value] of [
      ["enabled", false],
      ["languages", { python: false }],
      ["trigger", "manual"],
    ] as const) {
      await settings().update(key, value, vscode.ConfigurationTarget.Global);
      try {
        const editor = await openText(LONG);
        const ms = await engineMsOf(() => jump(editor, LINES / 2));
        assert.ok(ms <= REST_MS, `${ms} ms with ${key}`);
      } finally {
        await settings().update(key, undefined, vscode.ConfigurationTarget.Global);
        await run("workbench.action.revertAndCloseActiveEditor");
      }
    }
    const editor = await openText(LONG);
    const selecting = await engineMsOf(async () => {
      editor.selection = new vscode.Selection(new vscode.Position(5, 0), new vscode.Position(9, 3));
    });
    assert.ok(selecting <= REST_MS, `${selecting} ms while text is selected`);
  });
});
