import assert from "node:assert/strict";
import * as vscode from "vscode";
import { says, ScriptedServer } from "../../unit/server/scriptedServer.js";
import { waitFor } from "../editor/waitFor.js";
import { acceptedSuggestion } from "./acceptedSuggestion.js";
import { openText, UNFINISHED } from "./openText.js";

const WRITTEN = " from_the_server";
const BACK_LIMIT_MS = 60_000;

let asked = 0;

/** A text that was never seen: what is known already is not asked for. @returns what was suggested after it */
async function suggestion(text: string): Promise<string> {
  const accepted = await acceptedSuggestion(await openText(`# ${(asked += 1)}\n${text}`));
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  return accepted;
}

const setUrl = (url: string | undefined): Thenable<void> =>
  vscode.workspace.getConfiguration("lacuna").update("server.url", url, vscode.ConfigurationTarget.Global);

describe("a team's server", function () {
  this.timeout(300_000);
  const server = new ScriptedServer();

  before(async () => {
    server.answer = says(WRITTEN);
    await server.start();
    await setUrl(server.url);
    await waitFor("the server to be asked what it serves", async () => server.seen.length, (count) => count > 0); // prettier-ignore
  });

  after(async () => {
    await setUrl(undefined);
    await server.stop();
  });

  it("writes what is suggested, once a person has named it", async () => {
    assert.equal(await suggestion("total ="), WRITTEN);
    assert.ok(server.asked.some(({ body }) => String(body.prompt).includes("total =")));
  });

  it("is replaced by the models of this machine while it is away, and writes again when it is back", async () => {
    await server.stop();
    const here = await suggestion(UNFINISHED);
    assert.ok(here !== "" && here !== WRITTEN);
    await server.start();
    await waitFor("a suggestion of the server", () => suggestion("total ="), (text) => text === WRITTEN, BACK_LIMIT_MS); // prettier-ignore
  });

  it("fills holes", async () => {
    const editor = await openText(`# ${(asked += 1)}\ntotal =\nprint(total)\n`);
    const end = new vscode.Position(1, "total =".length);
    editor.selection = new vscode.Selection(end, end);
    await vscode.commands.executeCommand("lacuna.fillMiddle");
    await vscode.commands.executeCommand("lacuna.fill.accept");
    assert.match(editor.document.getText(), /total = ?from_the_server\n/);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });
});
