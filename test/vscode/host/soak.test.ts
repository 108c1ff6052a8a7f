import assert from "node:assert/strict";
import * as vscode from "vscode";
import { soakRun, type SoakResult } from "./soak/soakRun.js";

const EVENTS = Number(process.env.LACUNA_SOAK_EVENTS ?? 300);
const SEED = Number(process.env.LACUNA_SOAK_SEED ?? 1);
const EVENT_LIMIT_MS = 2000;
/** A short run is mostly warm-up. */
const GROWTH_LIMIT = EVENTS < 1000 ? 1.5 : 1.15;
/** What the editor does by itself when keys are typed; without it, keys imply the text. */
const PLAIN_TYPING: Readonly<Record<string, unknown>> = {
  autoClosingBrackets: "never",
  autoClosingComments: "never",
  autoClosingQuotes: "never",
  autoClosingDelete: "never",
  autoClosingOvertype: "never",
  autoSurround: "never",
  autoIndent: "none",
  formatOnType: false,
  trimAutoWhitespace: false,
  useTabStops: false,
  quickSuggestions: false,
  suggestOnTriggerCharacters: false,
  acceptSuggestionOnCommitCharacter: false,
};

describe(`${EVENTS} random events over real files`, () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  let result: SoakResult;

  before(async function () {
    this.timeout(60_000 + EVENTS * EVENT_LIMIT_MS);
    process.on("unhandledRejection", note);
    for (const [key, value] of Object.entries(PLAIN_TYPING)) {
      await vscode.workspace.getConfiguration("editor").update(key, value, vscode.ConfigurationTarget.Global);
    }
    const start = performance.now();
    result = await soakRun(EVENTS, SEED);
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`soak: ${JSON.stringify({ events: EVENTS, seed: SEED, seconds, rejections: rejections.length, ...result })}`);
  });

  after(async () => {
    process.off("unhandledRejection", note);
    for (const key of Object.keys(PLAIN_TYPING)) {
      await vscode.workspace.getConfiguration("editor").update(key, undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it("leave the document as the keys and accepts imply", () => {
    assert.deepEqual(result.problems, []);
  });

  it("leave the engine as large as it was", () => {
    const sizes = result.engineBytes.filter((bytes) => bytes > 0);
    const quarter = Math.floor(sizes.length / 4);
    assert.ok(quarter > 0, "the engine never ran");
    const mean = (from: number): number => sizes.slice(from, from + quarter).reduce((sum, bytes) => sum + bytes, 0) / quarter;
    const [early, late] = [mean(quarter), mean(sizes.length - quarter)];
    assert.ok(late <= early * GROWTH_LIMIT, `${early} bytes, then ${late}`);
  });

  it("leave no rejection unhandled", () => {
    assert.deepEqual(rejections, []);
  });
});
