import assert from "node:assert/strict";
import { systemClock } from "../../../src/machine/systemClock.js";
import { AdaptiveDebounce } from "../../../src/suggest/adaptiveDebounce.js";
import { Presenters } from "../../../src/suggest/presenter.js";
import { Suggester, type Complete, type SuggesterOptions } from "../../../src/suggest/suggester.js";
import type { Place } from "../../../src/protocol/place.js";
import { SuggestionStore } from "../../../src/suggest/suggestionStore.js";
import { ScriptedCompleter, settle } from "./scriptedCompleter.js";

const at = (prefix: string, suffix = ""): Place => ({ uri: "file:///a.py", prefix, suffix });

const suggesterOf = (complete: Complete, options: Partial<SuggesterOptions> = {}): Suggester =>
  new Suggester({
    complete,
    store: new SuggestionStore(),
    presenters: new Presenters(),
    debounce: new AdaptiveDebounce(),
    clock: systemClock,
    maxTokens: () => 64,
    ...options,
  });

describe("the pace of the suggester", () => {
  it("waits before it asks when the engine is slow, and not when it is asked by hand", async () => {
    const engine = new ScriptedCompleter();
    const debounce = new AdaptiveDebounce();
    const suggester = suggesterOf(engine.complete, { debounce });
    for (let index = 0; index < 5; index += 1) debounce.add(500);
    suggester.ask(at("x"));
    await settle();
    engine.latest.say("0 = 1");
    suggester.ask(at("x = "));
    await settle();
    assert.equal(engine.requests.length, 1);
    suggester.ask(at("x = "), true);
    await settle();
    assert.equal(engine.requests.length, 2);
  });

  it("takes up what the last pass of a request says that was cancelled for a key which it foresaw", async () => {
    const engine = new ScriptedCompleter();
    const ends: ((late: string) => void)[] = [];
    // A pass that was begun goes on to its end.
    const suggester = suggesterOf(async (...request) => {
      const result = await engine.complete(...request);
      const late = result.outcome === "done" ? "" : await new Promise<string>((resolve) => ends.push(resolve));
      return { ...result, text: result.text + late };
    });
    const texts = (prefix: string): unknown => {
      const found = suggester.current(at(prefix));
      return typeof found === "object" ? found.text : found;
    };
    suggester.ask(at("x = "));
    await settle();
    suggester.ask(at("x = a"));
    await settle();
    assert.equal(texts("x = a"), undefined);
    ends[0]("abc");
    await settle();
    assert.equal(texts("x = a"), "bc");
    assert.equal(engine.latest.place.prefix, "x = abc", "and goes on from there");
    engine.latest.say("def");
    assert.equal(texts("x = a"), "bcdef");
    suggester.ask(at("x = z"));
    await settle();
    suggester.ask(at("x = zy"));
    await settle();
    ends.at(-1)!("w");
    await settle();
    assert.equal(texts("x = zy"), undefined, "what is not what was typed is left");
    assert.equal(engine.latest.place.prefix, "x = zy");
  });

  it("begins to read a new place at once, and takes no time of that for the next key's", async () => {
    const engine = new ScriptedCompleter();
    const clock = { ms: 0 };
    const debounce = new AdaptiveDebounce();
    const suggester = suggesterOf(engine.complete, { debounce, clock: { now: () => clock.ms, wait: () => new Promise(() => {}) } });
    const far = "y = 0\n".repeat(20);
    for (const [prefix, ms] of [
      ["x", 900],
      [far, 900],
      [`${far}a`, 500],
    ] as const) {
      suggester.ask(at(prefix));
      await settle();
      assert.equal(engine.latest.place.prefix, prefix);
      assert.equal(debounce.waitMs, 0);
      clock.ms += ms;
      engine.latest.say("1");
    }
    await engine.latest.done();
    await settle();
    assert.ok(debounce.waitMs > 0, "the last one stood where text had come");
  });
});
