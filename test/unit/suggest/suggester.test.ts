import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { systemClock } from "../../../src/machine/systemClock.js";
import { AdaptiveDebounce } from "../../../src/suggest/adaptiveDebounce.js";
import { Presenters } from "../../../src/suggest/presenter.js";
import { Suggester } from "../../../src/suggest/suggester.js";
import type { Place } from "../../../src/protocol/place.js";
import { SuggestionStore } from "../../../src/suggest/suggestionStore.js";
import { ScriptedCompleter, settle } from "./scriptedCompleter.js";

const at = (prefix: string, suffix = ""): Place => ({ uri: "file:///a.py", prefix, suffix });
const NEVER = new AbortController().signal;

function setUp() {
  const engine = new ScriptedCompleter();
  const events: string[] = [];
  const debounce = new AdaptiveDebounce();
  const suggester = new Suggester({
    complete: engine.complete,
    store: new SuggestionStore(),
    presenters: new Presenters(),
    debounce,
    clock: systemClock,
    maxTokens: () => 64,
    onProgress: () => events.push("progress"),
    onResult: (_place, { outcome, tokens }) => events.push(`${outcome} ${tokens}`),
    onFailure: (error) => events.push(String(error)),
  });
  const shown = (place: Place): unknown => {
    const found = suggester.current(place);
    return typeof found === "object" ? found.text : found;
  };
  return { engine, suggester, events, debounce, shown };
}

describe("the suggester", () => {
  it("cancels the older request when a newer place is asked for", async () => {
    const { engine, suggester } = setUp();
    suggester.ask(at("x = "));
    suggester.ask(at("y = "));
    await settle();
    assert.deepEqual(
      engine.running.map(({ place }) => place.prefix),
      ["y = "],
    );
    assert.equal(engine.requests.filter(({ signal }) => signal.aborted).length, engine.requests.length - 1);
  });

  it("has at most one request in flight, whatever comes, and ends with the newest", async () => {
    const { engine, suggester } = setUp();
    for (let index = 0; index < 200; index += 1) {
      suggester.ask(at(`x${index} = `));
      if (index % 7 === 0) await settle();
      assert.ok(engine.running.length <= 1, `${engine.running.length} requests after ${index}`);
    }
    await settle();
    assert.equal(engine.latest.place.prefix, "x199 = ");
    engine.latest.say("1");
    await engine.latest.done();
    assert.equal(suggester.isRunning, false);
  });

  it("shows text as it comes, and says each time that there is more", async () => {
    const { engine, suggester, events, shown } = setUp();
    const place = at("x = ");
    suggester.ask(place);
    await settle();
    assert.equal(shown(place), undefined);
    engine.latest.say("foo(");
    assert.equal(shown(place), "foo(");
    engine.latest.say("a)");
    assert.equal(shown(place), "foo(a)");
    await engine.latest.done();
    assert.equal(shown(place), "foo(a)");
    assert.deepEqual(events, ["progress", "progress", "done 5", "progress"]);
  });

  it("asks nothing anew while what is typed agrees with the stream", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo(a");
    for (const typed of ["f", "fo", "foo"]) {
      suggester.ask(at(`x = ${typed}`));
      assert.equal(shown(at(`x = ${typed}`)), "foo(a".slice(typed.length));
    }
    engine.latest.say(")");
    await engine.latest.done();
    assert.equal(shown(at("x = foo")), "(a)");
    assert.equal(engine.requests.length, 1);
  });

  it("asks anew, and at once, where what is typed differs", async () => {
    const { engine, suggester } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo(a");
    suggester.ask(at("x = b"));
    await settle();
    assert.equal(engine.requests.length, 2);
    assert.equal(engine.requests[0].signal.aborted, true);
    assert.equal(engine.latest.place.prefix, "x = b");
  });

  it("asks nothing for what is known: the same place, typed on, or accepted in part", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo + bar");
    await engine.latest.done();
    for (const prefix of ["x = ", "x = f", "x = foo", "x = foo +"]) {
      suggester.ask(at(prefix));
      await settle();
      assert.equal(shown(at(prefix)), "x = foo + bar".slice(prefix.length));
    }
    assert.equal(engine.requests.length, 1);
  });

  it("goes on from what a cancelled request had, without asking for that again", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo(");
    suggester.cancel();
    suggester.ask(at("x = "));
    await settle();
    assert.equal(engine.latest.place.prefix, "x = foo(");
    engine.latest.say("a)");
    assert.equal(shown(at("x = ")), "foo(a)");
  });

  it("ends the request when no more text can be shown", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("1\ny");
    assert.equal(engine.latest.signal.aborted, true);
    await settle();
    assert.equal(shown(at("x = ")), "1");
    assert.equal(suggester.isRunning, false);
    suggester.ask(at("x = "));
    await settle();
    assert.equal(engine.requests.length, 1);
  });

  it("cancelled, says nothing more: neither text nor progress", async () => {
    const { engine, suggester, events } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("a");
    events.length = 0;
    suggester.cancel();
    engine.latest.say("b");
    await settle();
    assert.equal(suggester.isRunning, false);
    assert.deepEqual(events, ["cancelled 1"]);
  });

  it("answers whoever waits with the first text, and not with that of a place that was left", async () => {
    const { engine, suggester } = setUp();
    const place = at("x = ");
    suggester.ask(place);
    const first = suggester.first(place, false, NEVER);
    await settle();
    engine.latest.say("foo(");
    const found = await first;
    assert.ok(typeof found === "object" && found.text === "foo(");

    suggester.ask(at("y = "));
    const left = suggester.first(at("y = "), false, NEVER);
    await settle();
    suggester.ask(at("z = "));
    assert.equal(await left, undefined);
  });

  it("says why there is nothing: blank text, no text, a failure", async () => {
    const { engine, suggester, events } = setUp();
    const why = async (prefix: string, end: () => Promise<void>): Promise<unknown> => {
      suggester.ask(at(prefix));
      const first = suggester.first(at(prefix), false, NEVER);
      await settle();
      await end();
      return first;
    };
    assert.equal(await why("a = ", () => engine.latest.done(0)), "The model wrote nothing here.");
    const blank = async (): Promise<void> => {
      engine.latest.say("  \n");
      await engine.latest.done();
    };
    assert.equal(await why("b = ", blank), "The suggestion was only white space.");
    assert.equal(await why("c = ", () => engine.latest.fail(new Error("no memory"))), "no memory");
    assert.ok(events.includes("Error: no memory"));
  });

  it("stops to wait when its caller does", async () => {
    const { suggester } = setUp();
    const abort = new AbortController();
    suggester.ask(at("x = "));
    const first = suggester.first(at("x = "), false, abort.signal);
    await settle();
    abort.abort();
    assert.equal(await first, undefined);
    assert.equal(suggester.isRunning, true);
  });

  it("leaves nothing behind at its caller's signal", async () => {
    const { engine, suggester } = setUp();
    const { signal } = new AbortController();
    suggester.ask(at("x = "));
    const first = suggester.first(at("x = "), false, signal);
    await settle();
    for (const piece of [" ", " ", " ", "1"]) {
      engine.latest.say(piece);
      await settle();
      assert.ok(getEventListeners(signal, "abort").length <= 1);
    }
    await first;
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("does not show half a line below whole ones where a limit of tokens cut the text", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("def f():"));
    await settle();
    engine.latest.say("\n    a = 1\n    b = fo");
    await engine.latest.done(64);
    assert.equal(shown(at("def f():")), "\n    a = 1");
  });

  it("takes nothing back at a limit of tokens: lines below the first are shown once they are there", async () => {
    const { engine, suggester, shown } = setUp();
    const place = at("def f(self, a, b):\n    ");
    suggester.ask(place);
    await settle();
    const seen: string[] = [];
    for (const piece of ["self.a", " = a\n", "    self.b = b\n", "    self.c", " = com", "pute("]) {
      engine.latest.say(piece);
      seen.push(shown(place) as string);
    }
    await engine.latest.done(64);
    seen.push(shown(place) as string);
    assert.deepEqual(seen, ["self.a", "self.a = a", ...new Array<string>(5).fill("self.a = a\n    self.b = b")]);
  });

  it("keeps what was typed of a line that a limit of tokens cut", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("if a:\n    "));
    await settle();
    engine.latest.say("b = 1\n    c = comp");
    suggester.ask(at("if a:\n    b = 1\n    c = "));
    await engine.latest.done(64);
    assert.equal(shown(at("if a:\n    b = 1\n    c = ")), "comp");
  });

  it("keeps whole line ends of Windows when it is cancelled, cut off, and goes on", async () => {
    const { engine, suggester } = setUp();
    const place = at("class A:\r\n    def f(self):\r\n        ", "\r\n");
    const said: string[] = [];
    const ask = async (): Promise<void> => {
      suggester.ask(place);
      await settle();
      said.push(engine.latest.place.prefix.slice(place.prefix.length));
    };
    await ask();
    engine.latest.say("self.y = y\r\n        ");
    suggester.cancel();
    await ask();
    engine.latest.say("\r\n        self.z = z\r\n        self.w");
    await engine.latest.done(64);
    assert.deepEqual(said, ["", "self.y = y"]);
    const found = suggester.current(place);
    assert.ok(typeof found === "object" && found.text === "self.y = y\n        self.z = z", JSON.stringify(found));
  });

  it("asks nothing for a place within a word", async () => {
    const { engine, suggester, shown } = setUp();
    const place = at("return hei", "ght");
    suggester.ask(place);
    await settle();
    assert.deepEqual([engine.requests.length, suggester.isRunning, shown(place)], [0, false, "The cursor is inside a word."]);
  });

  it("gives lines the indentation of the file, also when it goes on from a part", async () => {
    const { engine, suggester, shown } = setUp();
    const before = "if a {\n\tb()\n}\nif c {";
    suggester.ask(at(before));
    await settle();
    engine.latest.say("\n    d()");
    assert.equal(shown(at(before)), "\n\td()");
    suggester.cancel();
    suggester.ask(at(`${before}\n\t`));
    assert.equal(shown(at(`${before}\n\t`)), "d()");
  });

  it("takes no time of a request that waited for the models", async () => {
    const engine = new ScriptedCompleter();
    const times: (number | undefined)[] = [];
    const clock = { ms: 0, isWarm: false };
    const suggester = new Suggester({
      complete: engine.complete,
      store: new SuggestionStore(),
      presenters: new Presenters(),
      debounce: new AdaptiveDebounce(),
      clock: { now: () => clock.ms, wait: async () => {} },
      maxTokens: () => 64,
      isWarm: () => clock.isWarm,
      onResult: (_place, _result, firstTextMs) => times.push(firstTextMs),
    });
    for (const prefix of ["x = ", "y = "]) {
      suggester.ask(at(prefix));
      await settle();
      clock.ms += 900;
      engine.latest.say("1");
      await engine.latest.done();
      clock.isWarm = true;
    }
    assert.deepEqual(times, [undefined, 900]);
  });

  it("tells the engine how many lines may be shown", async () => {
    const places: [place: Place, isManual: boolean, maxLines: number][] = [
      [at("foo(", ")"), false, 1],
      [at("foo(", ")"), true, 1],
      [at("# say "), false, 1],
      [at("x = "), false, 1],
      [at("x = "), true, 12],
      [at("def f():"), false, 12],
      [at("    "), false, 12],
    ];
    for (const [place, isManual, maxLines] of places) {
      const { engine, suggester } = setUp();
      suggester.ask(place, isManual);
      await settle();
      assert.equal(engine.latest.maxLines, maxLines, JSON.stringify([place, isManual]));
    }
  });

  it("asks for the block that a statement's line opens, once that line is there", async () => {
    const { engine, suggester, events, shown } = setUp();
    const place = at("if");
    suggester.ask(place);
    await settle();
    engine.latest.say(" a:");
    await engine.latest.done();
    assert.deepEqual([engine.requests.length, engine.latest.place.prefix, engine.latest.maxLines], [2, "if a:", 12]);
    engine.latest.say("\n  b()");
    await engine.latest.done();
    assert.equal(shown(place), " a:\n  b()");
    assert.equal(suggester.isRunning, false);
    assert.deepEqual(events, ["progress", "done 5", "progress", "done 5", "progress"]);
  });

  it("goes on from a text that was cut off after the lines that were asked for, where more may be shown", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("1");
    await engine.latest.done();
    suggester.ask(at("x = "));
    await settle();
    assert.equal(engine.requests.length, 1);
    suggester.ask(at("x = "), true);
    await settle();
    assert.deepEqual([engine.requests.length, engine.latest.place.prefix, engine.latest.maxLines], [2, "x = 1", 12]);
    engine.latest.say("\ny = 2");
    await engine.latest.done();
    assert.equal(shown(at("x = ")), "1");
    const manual = suggester.current(at("x = "), true);
    assert.equal(typeof manual === "object" && manual.text, "1\ny = 2");
  });

  it("asks for no more lines than are missing", async () => {
    const { engine, suggester } = setUp();
    suggester.ask(at("def f():"));
    await settle();
    engine.latest.say("\n    a = 1\n    b");
    suggester.cancel();
    suggester.ask(at("def f():\n"));
    await settle();
    assert.deepEqual([engine.latest.place.prefix, engine.latest.maxLines], ["def f():\n    a = 1\n    b", 11]);
  });

  it("asks once where the engine has nothing to say", async () => {
    const { engine, suggester, shown } = setUp();
    suggester.ask(at("x = 1"));
    await settle();
    await engine.latest.done(0);
    suggester.ask(at("x = 1"));
    await settle();
    assert.deepEqual([engine.requests.length, shown(at("x = 1"))], [1, "The model wrote nothing here."]);
  });
});
