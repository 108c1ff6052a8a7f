import assert from "node:assert/strict";
import { alternatives } from "../../../src/suggest/alternatives.js";
import { BatteryWatch } from "../../../src/machine/batteryWatch.js";
import { MemoryWatch } from "../../../src/client/memoryWatch.js";
import { Presenters } from "../../../src/suggest/presenter.js";
import { residentBytes } from "../../../src/machine/residentBytes.js";
import type { CompleteResult } from "../../../src/protocol/messages.js";

describe("the watch over the engine's memory", () => {
  const engine = { pid: 1, loadedBytes: 500 };
  const silent = { atRest: () => engine, limitBytes: () => 1000, onExcess: () => assert.fail(), onTooTight: () => assert.fail() };

  it("tells of an excess, and measures again only after a while", async () => {
    const excesses: number[] = [];
    let measured = 0;
    const memory = new MemoryWatch({
      ...silent,
      onExcess: (bytes) => excesses.push(bytes),
      measure: async () => ((measured += 1), 2000),
    });
    await memory.requestEnded();
    await memory.requestEnded();
    assert.deepEqual(excesses, [2000]);
    assert.equal(measured, 1);
    assert.equal(memory.bytes, 2000);
  });

  it("says nothing below the limit, and asks nothing without an engine at rest", async () => {
    await new MemoryWatch({ ...silent, measure: async () => 900 }).requestEnded();
    await new MemoryWatch({ ...silent, atRest: () => undefined, measure: () => assert.fail() }).requestEnded();
  });

  it("leaves an engine alone that has got work while it was measured", async () => {
    let isBusy = false;
    const measure = async (): Promise<number> => ((isBusy = true), 2000);
    await new MemoryWatch({ ...silent, atRest: () => (isBusy ? undefined : engine), measure }).requestEnded();
  });

  it("tells of a limit that the models alone take, and leaves the engine", async () => {
    const told: number[] = [];
    const onTooTight = ({ loadedBytes }: { loadedBytes: number }): void => void told.push(loadedBytes);
    await new MemoryWatch({ ...silent, limitBytes: () => 540, onTooTight, measure: async () => 2000 }).requestEnded();
    assert.deepEqual(told, [500]);
  });

  it("reads what this very process holds", async () => {
    const bytes = await residentBytes(process.pid);
    assert.ok(bytes !== undefined && bytes > 1e7 && bytes < 1e11, String(bytes));
    assert.equal(await residentBytes(2 ** 30), undefined);
  });
});

describe("the watch over the battery", () => {
  it("looks only when it is wanted, and tells of changes alone", async () => {
    const state = { isWanted: false, isOnBattery: true, looks: 0, changes: 0 };
    const watch = new BatteryWatch({
      isWanted: () => state.isWanted,
      onChange: () => (state.changes += 1),
      look: async () => ((state.looks += 1), state.isOnBattery),
    });
    await watch.look();
    assert.deepEqual([watch.isOnBattery, state.looks, state.changes], [false, 0, 0]);
    state.isWanted = true;
    await watch.look();
    await watch.look();
    assert.deepEqual([watch.isOnBattery, state.looks, state.changes], [true, 2, 1]);
    state.isWanted = false;
    await watch.look();
    assert.deepEqual([watch.isOnBattery, state.changes], [false, 2]);
    watch.dispose();
  });
});

describe("other texts for a place", () => {
  const place = { uri: "file:///a.py", prefix: "x = ", suffix: "" };
  const result = (text: string, outcome: CompleteResult["outcome"] = "done"): CompleteResult => ({ text, outcome }) as CompleteResult;

  it("are each different, and fit to be shown", async () => {
    const texts = ["1", "1", "  "];
    const found = await alternatives(
      async (_place, _maxLines, seed) => result(texts[seed - 1]),
      new Presenters(),
      place,
      new AbortController().signal,
    );
    assert.deepEqual(
      found.map(({ text }) => text),
      ["1"],
    );
  });

  it("have the indentation of the document", async () => {
    const tabbed = { ...place, prefix: "if a {\n\tb()\n}\nif c {", suffix: "\n" };
    const found = await alternatives(async () => result("\n    d()\n}"), new Presenters(), tabbed, new AbortController().signal);
    assert.deepEqual(
      found.map(({ text }) => text),
      ["\n\td()\n}"],
    );
  });

  it("end with the patience of who asked", async () => {
    const abort = new AbortController();
    let asked = 0;
    const sample = async (): Promise<CompleteResult> => {
      asked += 1;
      abort.abort();
      return result("1", "cancelled");
    };
    assert.deepEqual(await alternatives(sample, new Presenters(), place, abort.signal), []);
    assert.equal(asked, 1);
  });
});
