import assert from "node:assert/strict";
import * as vscode from "vscode";
import { waitFor } from "../editor/waitFor.js";
import { engineProcesses } from "./engineProcesses.js";
import { openSample } from "./openSample.js";

const pids = (): number[] => engineProcesses().map(({ pid }) => pid);

async function fillAt(line: number): Promise<boolean> {
  const editor = await openSample("example.py");
  const before = editor.document.getText();
  const { start } = editor.document.lineAt(line).range;
  editor.selection = new vscode.Selection(start, start);
  await vscode.commands.executeCommand("lacuna.fillMiddle");
  await vscode.commands.executeCommand("lacuna.fill.accept");
  const isChanged = editor.document.getText() !== before;
  await vscode.commands.executeCommand("workbench.action.files.revert");
  return isChanged;
}

describe("the engine", () => {
  const setTrigger = (value: string | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration("lacuna").update("trigger", value, vscode.ConfigurationTarget.Global);
  before(() => setTrigger("manual"));
  after(() => setTrigger(undefined));

  it("is one process, started when it is needed", async () => {
    assert.ok(await fillAt(12));
    assert.equal(pids().length, 1);
  });

  it("is replaced by a new one after it was killed", async () => {
    assert.ok(await fillAt(12));
    const [killed] = pids();
    process.kill(killed, "SIGKILL");
    await waitFor("the list of engines", pids, (found) => !found.includes(killed));
    assert.ok(await fillAt(12));
    const found = pids();
    assert.equal(found.length, 1);
    assert.notEqual(found[0], killed);
  });

  it("rests when nothing is asked of it", async () => {
    assert.ok(await fillAt(12));
    const cpuMs = (): number => engineProcesses().reduce((sum, row) => sum + row.cpuMs, 0);
    const before = cpuMs();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.ok(cpuMs() - before <= 100, `${cpuMs() - before} ms of work in 2 s`);
  });
});
