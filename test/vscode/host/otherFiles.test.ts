import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { acceptedSuggestion, suggestionInTries } from "./acceptedSuggestion.js";
import { openText } from "./openText.js";

const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("lacuna");

/** The test models repeat what they have read, and write no name that they have not. */
const seen = (name: string): string => `def ${name}(alpha, beta, gamma):\n    return alpha * 31 + beta * 17 + gamma\n`;

/** Writes a file of the workspace. */
function write(name: string, content: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = path.join(folder.uri.fsPath, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return vscode.Uri.file(file);
}

async function open(uri: vscode.Uri): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
}

/** A model that does not know the function may have nothing to say. */
const TRIES = 20;
/** After such a rest pieces are chosen anew. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 11_000));

/**
 * What is suggested in a new document where a function is called, the file that knows its parameters being open.
 *
 * @param isKnown whether there must be something; else it may be ""
 */
async function suggestedBeside(known: string, name: string, isKnown: boolean): Promise<string> {
  await open(write(known, seen(name)));
  // No file of the workspace: it would be read in its turn.
  const editor = await openText(`import os\n\n\ndef main(args):\n    total = ${name}(`);
  const text = await (isKnown ? acceptedSuggestion(editor) : suggestionInTries(editor, TRIES));
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  return text;
}

describe("other files of the workspace", function () {
  this.timeout(240_000);
  const bundled = settings().inspect("modelsPath")?.globalValue;
  before(() => settings().update("modelsPath", process.env.LACUNA_TEST_PAIR, vscode.ConfigurationTarget.Global));
  after(() => settings().update("modelsPath", bundled, vscode.ConfigurationTarget.Global));

  it("are read where they are open and there is room", async () => {
    assert.match(await suggestedBeside("lib/widget.py", "frobnicate_widget", true), /alpha/);
  });

  it("are not read where the setting says so", async () => {
    await settings().update("context.otherFiles", false, vscode.ConfigurationTarget.Global);
    try {
      assert.doesNotMatch(await suggestedBeside("lib/gadget.py", "frobnicate_gadget", false), /alpha/);
    } finally {
      await settings().update("context.otherFiles", undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it("are not read where .gitignore leaves them out, or where secrets are kept", async () => {
    write(".gitignore", "hidden/\n");
    for (const [folder, name] of [
      ["hidden", "bauble"],
      [".aws", "gizmo"],
      ["node_modules/x", "sprocket"],
    ]) {
      assert.doesNotMatch(await suggestedBeside(`${folder}/${name}.py`, `frobnicate_${name}`, false), /alpha/, folder);
    }
    assert.match(await suggestedBeside("shown/doohickey.py", "frobnicate_doohickey", true), /alpha/);
  });

  it("are read where they define a name about the cursor, open or not", async () => {
    const known = write("lib/unopened.py", seen("frobnicate_unopened"));
    let isAsked = false;
    const provider = vscode.languages.registerDefinitionProvider(
      { language: "python" },
      {
        provideDefinition: (document, position) => {
          if (document.getText(document.getWordRangeAtPosition(position)) !== "frobnicate_unopened") return [];
          isAsked = true;
          return new vscode.Location(known, new vscode.Position(0, 4));
        },
      },
    );
    try {
      const editor = await openText("import os\n\n\ndef main(args):\n    total = frobnicate_unopened");
      // The first choice was made where the cursor stood when the document opened, and a definition serves the choice after it.
      while (!isAsked) {
        await rest();
        await vscode.commands.executeCommand("type", { text: " " });
        await vscode.commands.executeCommand("deleteLeft");
      }
      await rest();
      await vscode.commands.executeCommand("type", { text: "(" });
      assert.match(await acceptedSuggestion(editor), /alpha/);
    } finally {
      provider.dispose();
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    }
  });
});
