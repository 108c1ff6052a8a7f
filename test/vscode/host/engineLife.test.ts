import assert from "node:assert/strict";
import * as vscode from "vscode";
import { engineProcesses } from "../editor/engineProcesses.js";
import { waitFor } from "../editor/waitFor.js";
import { acceptedSuggestion, typeKeys } from "./acceptedSuggestion.js";
import { openSample } from "./openSample.js";
import { openText, UNFINISHED } from "./openText.js";

const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("lacuna");
const pids = (): number[] => engineProcesses().map(({ pid }) => pid);
const cpuMs = (): number => engineProcesses().reduce((sum, row) => sum + row.cpuMs, 0);
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

const SAMPLES = ["example.py", "connection.py", "canvas.ts", "accept.ts"];
let filled = 0;

/** Fills a hole of one file after the other, and drops it: what the models remember of each takes room. @returns the engines there are then */
async function fillOnce(): Promise<number[]> {
  const editor = await openSample(SAMPLES[filled++ % SAMPLES.length]);
  editor.selection = new vscode.Selection(20, 0, 30, 0);
  await vscode.commands.executeCommand("lacuna.fillMiddle");
  await vscode.commands.executeCommand("lacuna.fill.discard");
  await pause(1000);
  return pids();
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

  it("is one in a storm of keys, soon at rest, and the document is as typed", async () => {
    const editor = await openText("");
    const storm = "for index in range(10): print(index, 'x')  # and so on\n".repeat(3);
    await typeKeys(storm);
    await waitFor(
      "the document",
      () => editor.document.getText(),
      (text) => text === storm,
    );
    assert.ok(engineProcesses().length <= 1);
    const isAtRest = async (): Promise<boolean> => {
      const before = cpuMs();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return cpuMs() - before <= 30;
    };
    await waitFor("the engine's rest", isAtRest, Boolean, 60_000);
    assert.equal(editor.document.getText(), storm);
    // What is open is read at other places too.
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
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

  it("is replaced also where it was asked in the moment it died", async () => {
    await suggest();
    const editor = await openText(unseen());
    process.kill(pids()[0], "SIGKILL");
    assert.match(await acceptedSuggestion(editor), /\S/);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("rests when nothing is asked of it", async () => {
    await suggest();
    await pause(5000);
    const before = cpuMs();
    await pause(2000);
    assert.ok(cpuMs() - before <= 100, `${cpuMs() - before} ms of work in 2 s`);
  });

  it("is unloaded once nothing was asked of it for as long as the setting says", async () => {
    await settings().update("engine.idleMinutes", 0.05, vscode.ConfigurationTarget.Global);
    try {
      await suggest();
      await waitFor("the list of engines", pids, (found) => found.length === 0);
    } finally {
      await settings().update("engine.idleMinutes", undefined, vscode.ConfigurationTarget.Global);
    }
    assert.match(await suggest(), /\S/);
  });

  it("is replaced once it rests and holds more than the setting allows", async () => {
    await suggest();
    const [{ pid: first, residentBytes }] = engineProcesses();
    // What an engine holds is looked at every 20 s.
    const limitMB = Math.ceil((residentBytes * 1.15) / 1e6);
    await settings().update("engine.memoryLimitMB", limitMB, vscode.ConfigurationTarget.Global);
    try {
      await waitFor("the list of engines", fillOnce, (found) => !found.includes(first), 120_000);
    } finally {
      await settings().update("engine.memoryLimitMB", undefined, vscode.ConfigurationTarget.Global);
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
