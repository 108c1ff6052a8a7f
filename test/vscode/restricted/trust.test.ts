import assert from "node:assert/strict";
import * as vscode from "vscode";
import { ScriptedServer } from "../../unit/server/scriptedServer.js";
import { openText } from "../host/openText.js";

describe("in a folder that is not trusted", () => {
  it("the extension runs all the same", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const extension = vscode.extensions.getExtension("lacuna.lacuna");
    await extension?.activate();
    assert.equal(extension?.isActive, true);
    assert.ok((await vscode.commands.getCommands(true)).includes("lacuna.fillMiddle"));
  });

  it("nothing of it is sent to a server that the settings name", async () => {
    const server = new ScriptedServer();
    await server.start();
    const setUrl = (url: string | undefined): Thenable<void> =>
      vscode.workspace.getConfiguration("lacuna").update("server.url", url, vscode.ConfigurationTarget.Global);
    try {
      await setUrl(server.url);
      await openText("total =");
      await vscode.commands.executeCommand("lacuna.trigger");
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.equal(server.connections, 0);
    } finally {
      await setUrl(undefined);
      await server.stop();
    }
  });
});
