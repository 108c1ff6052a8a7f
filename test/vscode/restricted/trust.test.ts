import assert from "node:assert/strict";
import * as vscode from "vscode";

describe("in a folder that is not trusted", () => {
  it("the extension runs all the same", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const extension = vscode.extensions.getExtension("lacuna.lacuna");
    await extension?.activate();
    assert.equal(extension?.isActive, true);
    assert.ok((await vscode.commands.getCommands(true)).includes("lacuna.fillMiddle"));
  });
});
