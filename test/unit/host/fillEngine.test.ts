import assert from "node:assert/strict";
import path from "node:path";
import type { StartedEngine, Writer } from "../../../src/client/engineLife.js";
import { FillEngine } from "../../../src/host/fillEngine.js";
import { LacunaError } from "../../../src/protocol/errors.js";

const MODELS = path.resolve("models");
const ENGINE = { engine: { dispose: async () => {}, died: new Promise(() => {}) }, loaded: {} } as unknown as StartedEngine;
const OTHERS = { name: "others" } as unknown as Writer;

function setUp(folder: string, freeBytes: number, failure?: LacunaError) {
  const started: string[] = [];
  const fills = new FillEngine({
    folder: () => folder,
    start: async (from) => {
      started.push(from);
      if (failure !== undefined) throw failure;
      return ENGINE;
    },
    others: { use: (job) => job(OTHERS) },
    ...{ idleMs: () => 0, onState: () => {}, log: () => {}, freeBytes: () => freeBytes },
  });
  const fill = async (): Promise<string> => ((await fills.writers.use(async (writer) => writer)) === OTHERS ? "others" : "own");
  return { fills, fill, started };
}

describe("the engine for fills", () => {
  it("is none where no model was chosen for them", async () => {
    const { fills, fill, started } = setUp("", 64e9);
    assert.equal(await fill(), "others");
    assert.deepEqual([started, fills.words], [[], undefined]);
  });

  it("is started at the first fill, and stays", async () => {
    const { fills, fill, started } = setUp(MODELS, 64e9);
    assert.equal(fills.words, "models, loaded when needed");
    assert.deepEqual([await fill(), await fill()], ["own", "own"]);
    assert.deepEqual([started, fills.words], [[MODELS], "models, loaded"]);
  });

  it("is not started where memory is short, and says what it lacks", async () => {
    const { fills, fill, started } = setUp(MODELS, 1.2e9);
    assert.equal(await fill(), "others");
    assert.deepEqual(started, []);
    assert.match(fills.words ?? "", /^models was to fill, and did not\. It needs \d+ MB of memory, and 200 MB are to spare\.$/);
  });

  it("gives way where its model cannot be loaded, and says why", async () => {
    const { fills, fill } = setUp(path.resolve("nowhere"), 64e9, new LacunaError("modelMissing", "There is no model.", "Choose one."));
    assert.equal(await fill(), "others");
    assert.match(fills.words ?? "", /There is no model\.$/);
  });
});
