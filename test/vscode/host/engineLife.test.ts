import assert from "node:assert/strict";
import * as vscode from "vscode";
import { waitFor } from "../editor/waitFor.js";
import { acceptedSuggestion } from "./acceptedSuggestion.js";
import { engineProcesses } from "./engineProcesses.js";
import { openText, UNFINISHED } from "./openText.js";

const pids = (): number[] => engineProcesses().map(({ pid }) => pid);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let asked = 0;

/** A text that was never seen: what is known already needs no engine. */
const unseen = (): string => `# ${(asked += 1)}\n${UNFINISHED}`;

/** Has something suggested by the engine. */
async function suggest(): Promise<string> {
  const text = await acceptedSuggestion(await openText(unseen()));
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  return text;
}

/** Kills each engine as soon as there is one. @returns how many there were until none came for `quietMs` */
async function killEach(quietMs: number): Promise<number> {
  const killed = new Set<number>();
  for (let [sinceMs, step] = [performance.now(), 0]; performance.now() - sinceMs < quietMs; await pause(50), step += 1) {
    // Asked at the same place again, the editor does not ask its providers again.
    if (step % 10 === 0) void vscode.commands.executeCommand("type", { text: "x" });
    for (const pid of pids().filter((each) => !killed.has(each))) {
      killed.add(pid);
      process.kill(pid, "SIGKILL");
      sinceMs = performance.now();
    }
  }
  return killed.size;
}

describe("the engine", function () {
  this.timeout(240_000);

  it("is one process of low priority, started when it is needed", async () => {
    await suggest();
    const found = pids();
    assert.equal(found.length, 1);
    const { getPriority } = await import("node:os");
    assert.ok(getPriority(found[0]) > 0, String(getPriority(found[0])));
  });

  it("is replaced by a new one after it was killed", async () => {
    await suggest();
    const [killed] = pids();
    process.kill(killed, "SIGKILL");
    await waitFor("the list of engines", pids, (found) => !found.includes(killed));
    await suggest();
    const found = pids();
    assert.equal(found.length, 1);
    assert.notEqual(found[0], killed);
  });

  it("rests when nothing is asked of it", async () => {
    await suggest();
    await pause(5000);
    const cpuMs = (): number => engineProcesses().reduce((sum, row) => sum + row.cpuMs, 0);
    const before = cpuMs();
    await pause(2000);
    assert.ok(cpuMs() - before <= 100, `${cpuMs() - before} ms of work in 2 s`);
  });

  it("is unloaded once nothing was asked of it for as long as the setting says", async () => {
    const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("lacuna");
    await settings().update("engine.idleMinutes", 0.05, vscode.ConfigurationTarget.Global);
    try {
      await suggest();
      await waitFor("the list of engines", pids, (found) => found.length === 0);
    } finally {
      await settings().update("engine.idleMinutes", undefined, vscode.ConfigurationTarget.Global);
    }
    assert.match(await suggest(), /\S/);
  });

  it("is unloaded while suggestions are snoozed", async () => {
    await suggest();
    await vscode.commands.executeCommand("lacuna.snooze", 5);
    await waitFor("the list of engines", pids, (found) => found.length === 0);
    await vscode.commands.executeCommand("lacuna.snooze", 0);
  });

  it("is started at most three times more when it is killed again and again, and then when a person asks", async () => {
    await vscode.commands.executeCommand("lacuna.restartEngine");
    await openText(unseen());
    assert.equal(await killEach(15_000), 4);
    assert.deepEqual(pids(), []);
    await vscode.commands.executeCommand("lacuna.restartEngine");
    assert.equal(pids().length, 1);
    assert.match(await suggest(), /\S/);
  });
});
