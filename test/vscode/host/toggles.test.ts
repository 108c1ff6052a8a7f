import assert from "node:assert/strict";
import * as vscode from "vscode";
import { openSample } from "./openSample.js";

const { Global, Workspace } = vscode.ConfigurationTarget;
const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("lacuna");
const run = (id: string): Thenable<unknown> => vscode.commands.executeCommand(id);

/** What the person's settings, and the workspace's, say of a key. */
function saidOf(key: string): readonly [unknown, unknown] {
  const { globalValue, workspaceValue } = settings().inspect(key) ?? {};
  return [globalValue, workspaceValue];
}

describe("a toggle where the workspace has settings", function () {
  this.timeout(60_000);
  afterEach(async () => {
    for (const key of ["enabled", "languages"]) for (const target of [Workspace, Global]) await settings().update(key, undefined, target);
    await run("workbench.action.closeAllEditors");
  });

  it("has its effect, and leaves the person's settings alone", async () => {
    await settings().update("enabled", false, Workspace);
    await run("lacuna.toggle");
    assert.equal(settings().get("enabled"), true);
    assert.deepEqual(saidOf("enabled"), [undefined, true]);
    await run("lacuna.toggle");
    assert.deepEqual(saidOf("enabled"), [undefined, false]);
  });

  it("copies nothing of the workspace into the person's settings", async () => {
    await openSample("example.py");
    await settings().update("languages", { markdown: false }, Workspace);
    await run("lacuna.toggleLanguage");
    assert.deepEqual(saidOf("languages"), [{ python: false }, { markdown: false }]);
    assert.deepEqual(settings().get("languages"), { "*": true, markdown: false, python: false });
    await settings().update("languages", { python: true, markdown: false }, Workspace);
    await run("lacuna.toggleLanguage");
    assert.deepEqual(saidOf("languages"), [{ python: false }, { python: false, markdown: false }]);
  });
});
