import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Acceptances, AcceptancesOptions } from "../../../src/host/acceptances.js";
import type { InlineCompletions, InlineCompletionsOptions } from "../../../src/host/inlineCompletions.js";
import { systemClock } from "../../../src/machine/systemClock.js";
import { AdaptiveDebounce } from "../../../src/suggest/adaptiveDebounce.js";
import { presentable } from "../../../src/suggest/presentable.js";
import { Presenters } from "../../../src/suggest/presenter.js";
import { Suggester } from "../../../src/suggest/suggester.js";
import { SuggestionStore } from "../../../src/suggest/suggestionStore.js";
import { UNSURE } from "../../../src/suggest/verdict.js";
import { ScriptedCompleter, settle } from "../suggest/scriptedCompleter.js";
import { loadHost } from "./loadHost.js";

interface Host {
  readonly Acceptances: new (options: AcceptancesOptions) => Acceptances;
  readonly InlineCompletions: new (options: InlineCompletionsOptions) => InlineCompletions;
  readonly editor: typeof import("./editorStub.js");
}

async function setUp(bar = 0) {
  const { Acceptances, InlineCompletions, editor } = await loadHost<Host>(
    { "host/acceptances": "Acceptances", "host/inlineCompletions": "InlineCompletions" },
    "editorStub.ts",
  );
  const engine = new ScriptedCompleter();
  const counts = { trims: 0 };
  const refusals: string[] = [];
  const used: (string | number | boolean)[][] = [];
  const acceptances = new Acceptances({
    onShown: ({ languageId }) => used.push(["shown", languageId]),
    onAccepted: ({ languageId }, characters) => used.push(["accepted", languageId, characters]),
    onJudged: ({ languageId }, isWhole) => used.push(["judged", languageId, isWhole]),
  });
  const presenters = new Presenters((...args) => {
    counts.trims += 1;
    return presentable(...args);
  });
  const store = new SuggestionStore();
  const suggester = new Suggester({
    ...{ complete: engine.complete, store, presenters, debounce: new AdaptiveDebounce(), clock: systemClock, maxTokens: () => 64 },
    bar: () => bar,
    onProgress: () => completions.progressed(),
  });
  const completions = new InlineCompletions({
    ...{ extensionId: "a.b", suggester, store, acceptances, refusal: () => undefined, onActivity: () => {} },
    onRefusal: (_document, _position, refusal) => refusals.push(refusal),
    alternatives: async () => [],
  });
  const type = async (text: string): Promise<void> => {
    const end = editor.document.text.length;
    editor.edit(end, end, text, true);
    await settle();
  };
  return { engine, editor, counts, refusals, suggester, type, used, acceptances, completions };
}

/** "value = ", of whose suggestion "alpha" two letters were typed; more may come. */
async function setUpTypedAlong() {
  const all = await setUp();
  await all.type("value = ");
  const asked = all.editor.ask();
  all.engine.latest.say("alpha");
  await asked;
  await all.type("al");
  await all.editor.ask();
  return all;
}

describe("a suggestion that streams in", () => {
  it("is made at one place, and trimmed once for each piece of its text", async () => {
    const { engine, editor, counts, type } = await setUp();
    await type("def f(a, b):");
    const pieces = ["\n    x", " = a\n", "    y = b", " + x\n", "    z = [x,", " y]\n", "    return", " x + y + z"];
    const asked = editor.ask();
    for (const piece of pieces) {
      engine.latest.say(piece);
      await settle();
    }
    await asked;
    // The last line is not ended yet.
    assert.equal(editor.answers.at(-1), pieces.slice(0, 6).join("").trimEnd());
    assert.ok(editor.answers.length >= 3, JSON.stringify(editor.answers));
    assert.deepEqual({ places: editor.document.reads, trims: counts.trims }, { places: 1, trims: pieces.length });
    await engine.latest.done();
    await editor.ask();
    assert.equal(editor.answers.at(-1), pieces.join(""));
    // Once more: that no more comes can make a text longer.
    assert.deepEqual({ places: editor.document.reads, trims: counts.trims }, { places: 1, trims: pieces.length + 1 });
  });

  it("is trimmed once a piece too while its own beginning is typed", async () => {
    const { engine, editor, counts } = await setUpTypedAlong();
    for (const piece of [" + beta", " + gamma"]) {
      engine.latest.say(piece);
      await settle();
    }
    assert.equal(editor.answers.at(-1), "pha + beta + gamma");
    assert.deepEqual({ places: editor.document.reads, trims: counts.trims, requests: engine.requests.length }, { places: 2, trims: 4, requests: 1 });
  });
});

describe("Escape", () => {
  it("ends the stream while text comes, and never what an extension host left that has crashed or ended", async () => {
    const { engine, editor, type, completions } = await setUp();
    const isCaptured = (): unknown => editor.contexts.get("lacuna.streaming");
    assert.equal(isCaptured(), false);
    await type("value = ");
    const asked = editor.ask();
    engine.latest.say("alpha");
    await asked;
    assert.equal(isCaptured(), true);
    completions.dispose();
    assert.equal(isCaptured(), false);
  });
});

describe("what is counted", () => {
  it("is a text that appears, once, however it grows and is typed along with, and that it was accepted", async () => {
    const { engine, editor, used, acceptances } = await setUpTypedAlong();
    engine.latest.say(" + beta");
    await settle();
    await engine.latest.done();
    await editor.ask();
    editor.accept();
    assert.equal(editor.document.text, "value = alpha + beta");
    assert.deepEqual(used, [["shown", "python"], ["accepted", "python", "pha + beta".length]]); // prettier-ignore
    acceptances.dispose();
  });

  it("is, a minute later, whether it is still what it was", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      for (const [isWhole, edit] of [
        [true, [0, 0, "# first\n"]],
        [false, [10, 12, ""]],
      ] as const) {
        const { engine, editor, type, used } = await setUp();
        await type("value = ");
        const asked = editor.ask();
        engine.latest.say("alpha");
        await engine.latest.done();
        await asked;
        editor.accept();
        editor.edit(edit[0], edit[1], edit[2], false);
        mock.timers.tick(60_000);
        assert.deepEqual(used.at(-1), ["judged", "python", isWhole]);
      }
    } finally {
      mock.timers.reset();
    }
  });
});

describe("a suggestion of which the model is not sure, in the editor", () => {
  it("does not appear by itself, is noted with the reason, and appears where a person asks for it", async () => {
    const { engine, editor, refusals, type } = await setUp(0.5);
    await type("value = ");
    const asked = editor.ask();
    engine.latest.say("alpha", [[5, 0.3]]);
    await asked;
    assert.deepEqual([editor.answers, refusals], [[undefined], [UNSURE]]);
    const again = editor.ask(editor.InlineCompletionTriggerKind.Invoke);
    await again;
    assert.equal(editor.answers.at(-1), "alpha");
  });
});

describe("a change that nobody typed", () => {
  it("starts no request where it is not at the cursor, and ends the one for the text that was", async () => {
    const { engine, editor, suggester, type } = await setUp();
    await type("x = 1\n");
    await type("y = ");
    assert.equal(engine.running.length, 1);
    const requests = engine.requests.length;
    for (let index = 0; index < 5; index += 1) editor.edit(0, 1, `x${index}`, false);
    await settle();
    assert.deepEqual([engine.requests.length, suggester.isRunning], [requests, false]);
  });

  it("starts none where it is around the cursor: a formatter, a pull, a rename", async () => {
    const { engine, editor, type } = await setUp();
    await type("a = 1\nbb = 2\nc = 3");
    const { length } = editor.document.text;
    editor.select(9, 9);
    const requests = engine.requests.length;
    for (const [start, end, text] of [
      [0, length, "a=1\nbb=2\nc=3\n"],
      [0, 12, "a = 10\nbb = 20\n"],
      [6, 10, "long_name "],
    ] as const) {
      editor.edit(start, end, text, false);
      editor.select(9, 9);
    }
    await settle();
    assert.equal(engine.requests.length, requests);
  });

  it("is told from keys that replace what is selected, complete a word, delete, or join lines", async () => {
    const asked = async (text: string, selected: readonly [number, number], edit: readonly [number, number, string]): Promise<string | undefined> => {
      const { engine, editor } = await setUp();
      editor.document.text = text;
      editor.select(...selected);
      editor.edit(...edit, true);
      await settle();
      return engine.requests.at(-1)?.place.prefix;
    };
    assert.equal(await asked("a = 1\nb = 2\n", [0, 11], [0, 11, "c"]), "c");
    assert.equal(await asked("x = prin", [8, 8], [4, 8, "print"]), "x = print");
    assert.equal(await asked("x = 12", [6, 6], [5, 6, ""]), "x = 1");
    assert.equal(await asked("x = 1\n", [6, 6], [5, 6, ""]), "x = 1");
    assert.equal(await asked("f()", [2, 2], [2, 3, ")"]), "f()");
  });

  it("is told from keys that come faster than the cursor is told of", async () => {
    const { engine, editor } = await setUp();
    for (const [at, key] of [..."x = "].entries()) editor.edit(at, at, key, false);
    await settle();
    assert.equal(engine.latest.place.prefix, "x = ");
    editor.select(0, 4);
    editor.edit(0, 4, "y", false);
    editor.edit(1, 1, "1", false);
    await settle();
    assert.equal(engine.latest.place.prefix, "y1");
  });
});
