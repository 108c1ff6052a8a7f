import assert from "node:assert/strict";
import * as vscode from "vscode";
import { waitFor } from "../editor/waitFor.js";
import { acceptedSuggestion } from "./acceptedSuggestion.js";
import { openText, UNFINISHED } from "./openText.js";

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const LIMIT_MS = 200_000;

async function moveTo(editor: vscode.TextEditor, offset: number): Promise<void> {
  const position = editor.document.positionAt(offset);
  editor.selection = new vscode.Selection(position, position);
  await waitFor(
    "the cursor",
    () => editor.selection.active,
    (active) => active.isEqual(position),
  );
}

describe("suggestions at unusual places", function () {
  this.timeout(240_000);
  afterEach(() => run("workbench.action.revertAndCloseActiveEditor"));

  it("end their lines as the document does", async () => {
    const editor = await openText(UNFINISHED);
    await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.CRLF));
    await moveTo(editor, editor.document.getText().length);
    const text = await acceptedSuggestion(editor);
    assert.ok(text.includes("\r\n"), JSON.stringify(text));
    assert.doesNotMatch(editor.document.getText(), /[^\r]\n|\r[^\n]/);
  });

  it("indent with the document's tabs", async () => {
    const editor = await openText(UNFINISHED.replaceAll("    ", "\t"));
    const text = await acceptedSuggestion(editor);
    assert.match(text, /\n\t\t\S/);
    assert.doesNotMatch(text, /^ /m);
  });

  it("come behind characters of two units, and split none", async () => {
    const before = `# 🦀 naïve 𝒳 👩‍👩‍👧\n${UNFINISHED}  # 🐍🐍\n        `;
    const editor = await openText(before);
    const text = await acceptedSuggestion(editor);
    assert.match(text, /\S/);
    assert.equal(editor.document.getText(), before + text);
    assert.doesNotMatch(text, /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\ufffd/);
  });

  it("are one line where text stands behind the cursor", async () => {
    const before = `${UNFINISHED}\n        return repr(`;
    const editor = await openText(`${before})  # as a tuple\n`);
    await moveTo(editor, before.length);
    await acceptedSuggestion(editor);
    assert.equal(editor.document.lineCount, before.split("\n").length + 1, editor.document.getText());
  });

  it("come after a composition, which they leave as it was composed", async () => {
    const editor = await openText(`${UNFINISHED}  # `);
    const { document } = editor;
    const compose = (text: string, replaced: number): Thenable<unknown> =>
      run("compositionType", { text, replacePrevCharCnt: replaced, replaceNextCharCnt: 0, positionDelta: 0 });
    await run("compositionStart");
    for (const [text, replaced] of [
      ["n", 0],
      ["に", 1],
      ["にほ", 1],
      ["にほん", 2],
      ["日本", 3],
    ] as const)
      await compose(text, replaced);
    await run("compositionEnd");
    await waitFor(
      "the document",
      () => document.getText(),
      (text) => text === `${UNFINISHED}  # 日本`,
    );
    await run("type", { text: "\n" });
    const before = document.getText();
    const text = await acceptedSuggestion(editor);
    assert.match(text, /\S/);
    assert.equal(document.getText(), before + text);
  });
});

describe("suggestions beside the list of completions", function () {
  this.timeout(240_000);
  afterEach(() => run("workbench.action.revertAndCloseActiveEditor"));

  it("begin with the item that is selected there", async () => {
    const before = `${UNFINISHED}\n        return fro`;
    const provider = vscode.languages.registerCompletionItemProvider("python", {
      provideCompletionItems: () => [new vscode.CompletionItem("frobnicate_point", vscode.CompletionItemKind.Function)],
    });
    try {
      const editor = await openText(before);
      const tryIt = async (): Promise<string> => {
        await run("editor.action.triggerSuggest");
        await pause(1000);
        await run("editor.action.inlineSuggest.commit");
        return editor.document.getText();
      };
      const after = await waitFor("the document", tryIt, (text) => text !== before, LIMIT_MS);
      assert.ok(after.startsWith(`${UNFINISHED}\n        return frobnicate_point`), after);
      assert.ok(after.length > `${UNFINISHED}\n        return frobnicate_point`.length, after);
    } finally {
      provider.dispose();
    }
  });
});
