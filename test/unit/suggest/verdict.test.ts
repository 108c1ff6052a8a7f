import assert from "node:assert/strict";
import { systemClock } from "../../../src/machine/systemClock.js";
import type { Place } from "../../../src/protocol/place.js";
import { PLACE_KINDS, type PlaceKind } from "../../../src/protocol/suggestionBars.js";
import { AdaptiveDebounce } from "../../../src/suggest/adaptiveDebounce.js";
import { barAt, UNSURE, verdictOf } from "../../../src/suggest/verdict.js";
import { likelihoodsAfter, lineLikelihood } from "../../../src/suggest/likelihood.js";
import { placeKind } from "../../../src/suggest/placeKind.js";
import { Presenters } from "../../../src/suggest/presenter.js";
import { Suggester } from "../../../src/suggest/suggester.js";
import { SuggestionStore } from "../../../src/suggest/suggestionStore.js";
import { surroundingsOf } from "../../../src/suggest/surroundings.js";
import { ScriptedCompleter, settle } from "./scriptedCompleter.js";

const at = (prefix: string, suffix = ""): Place => ({ uri: "file:///a.py", prefix, suffix });
const NEVER = new AbortController().signal;

function setUp(bar: number | ((kind: PlaceKind) => number)) {
  const engine = new ScriptedCompleter();
  const suggester = new Suggester({
    complete: engine.complete,
    store: new SuggestionStore(),
    presenters: new Presenters(),
    debounce: new AdaptiveDebounce(),
    clock: systemClock,
    maxTokens: () => 64,
    bar: typeof bar === "number" ? () => bar : bar,
  });
  const shown = (place: Place, isManual = false): unknown => {
    const found = suggester.current(place, isManual);
    return typeof found === "object" ? found.text : found;
  };
  return { engine, suggester, shown };
}

describe("the likelihood of a first line", () => {
  const likelihoods = [[3, -1], [5, -2], [6, -4], [9, -8]] as const; // prettier-ignore

  it("is that of its tokens and of the one that ends it", () => {
    assert.deepEqual(lineLikelihood({ text: "foo()\n  b", likelihoods }, "foo()\n  b", false), { logProbs: [-1, -2, -4], isWhole: true });
    assert.deepEqual(lineLikelihood({ text: "foo()", likelihoods: likelihoods.slice(0, 2) }, "foo()", false), { logProbs: [-1, -2], isWhole: false });
    assert.equal(lineLikelihood({ text: "foo()", likelihoods: likelihoods.slice(0, 2) }, "foo()", true).isWhole, true);
  });

  it("takes the whole of a token that the line ends in, and blank lines before it", () => {
    assert.deepEqual(lineLikelihood({ text: "foo()", likelihoods }, "foo(", false), { logProbs: [-1, -2], isWhole: true });
    const below = [[1, -1], [3, -2], [4, -4], [5, -8], [6, -16]] as const; // prettier-ignore
    assert.deepEqual(lineLikelihood({ text: "\n  a\nb", likelihoods: below }, "\n  a\nb", false).logProbs, [-1, -2, -4, -8]);
  });

  it("rises while the line is typed", () => {
    assert.deepEqual(likelihoodsAfter(likelihoods, 0), likelihoods);
    assert.deepEqual(likelihoodsAfter(likelihoods, 2), [[1, -1], [3, -2], [4, -4], [7, -8]]); // prettier-ignore
    assert.deepEqual(likelihoodsAfter(likelihoods, 3), [[2, -2], [3, -4], [6, -8]]); // prettier-ignore
  });

  it("is held against a bar as soon as it is below it, and passes only once it is whole", () => {
    const half = Math.log(0.5);
    assert.equal(verdictOf({ logProbs: [half, half], isWhole: false }, 0.3), "unsure");
    assert.equal(verdictOf({ logProbs: [half, half], isWhole: false }, 0.2), "open");
    assert.equal(verdictOf({ logProbs: [half, half], isWhole: true }, 0.2), "sure");
    assert.equal(verdictOf({ logProbs: [-Infinity], isWhole: false }, 0), "sure");
  });
});

describe("the bar of a suggestion", () => {
  it("is none where suggestions are wanted often, and the model's own where it has one", () => {
    const bars = { balanced: { lineEnd: 0.1, middle: 0.2, comment: 0.3, prose: 0.4 }, sure: { lineEnd: 0.5, middle: 0.6, comment: 0.7, prose: 0.8 } };
    assert.deepEqual(PLACE_KINDS.map((kind) => barAt("often", kind, bars)), [0, 0, 0, 0]); // prettier-ignore
    assert.deepEqual(PLACE_KINDS.map((kind) => barAt("sure", kind, bars)), [0.5, 0.6, 0.7, 0.8]); // prettier-ignore
    for (const kind of PLACE_KINDS) assert.ok(0 < barAt("balanced", kind) && barAt("balanced", kind) < barAt("sure", kind));
  });

  it("goes by the kind of the place", () => {
    const rows: [prefix: string, suffix: string, languageId: string, kind: string][] = [
      ["x = ", "\ny", "python", "lineEnd"],
      ["x = f(", ")\ny", "python", "middle"],
      ["# a ", "\ny", "python", "comment"],
      ["x = 1  # a ", "\ny", "python", "comment"],
      ['def f():\n    """Says\n    that ', '\n    """', "python", "comment"],
      ['x = "a', '"', "python", "middle"],
      ["// a ", "", "typescript", "comment"],
      ["/**\n * a", "\n */", "typescript", "comment"],
      ["A line ", "", "markdown", "prose"],
    ];
    for (const [prefix, suffix, languageId, kind] of rows) {
      assert.equal(placeKind(surroundingsOf(prefix, suffix, languageId), languageId), kind, JSON.stringify(prefix));
    }
  });
});

describe("a suggestion of which the model is not sure", () => {
  it("is held back, says so, costs no further pass, and is not asked for again at its place", async () => {
    const { engine, suggester, shown } = setUp(0.5);
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo", [[3, 0.4]]);
    assert.equal(engine.latest.signal.aborted, true);
    await settle();
    assert.equal(shown(at("x = ")), UNSURE);
    suggester.ask(at("x = "));
    await settle();
    assert.equal(engine.requests.length, 1);
    assert.equal(await suggester.first(at("x = "), false, NEVER), UNSURE);
  });

  it("is shown, and gone on with, where a person asks for it", async () => {
    const { engine, suggester, shown } = setUp(0.5);
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo", [[3, 0.4]]);
    await settle();
    suggester.ask(at("x = "), true);
    await settle();
    assert.equal(engine.latest.place.prefix, "x = foo");
    engine.latest.say("(a)", [[3, 0.1]]);
    assert.equal(shown(at("x = "), true), "foo(a)");
  });

  it("comes as soon as what is typed of it makes the rest likely enough", async () => {
    const { engine, suggester, shown } = setUp(0.5);
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo", [[3, 0.4]]);
    await settle();
    suggester.ask(at("x = foo"));
    await settle();
    assert.equal(engine.requests.length, 2);
    engine.latest.say("(a)", [[3, 0.9]]);
    assert.equal(shown(at("x = foo")), undefined);
    await engine.latest.done();
    assert.equal(shown(at("x = foo")), "(a)");
  });

  it("goes on where its beginning was typed while its request was being ended", async () => {
    const { engine, suggester, shown } = setUp(0.5);
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("foo(a", [[3, 0.4], [5, 0.9]]); // prettier-ignore
    suggester.ask(at("x = foo"));
    await settle();
    assert.equal(engine.latest.place.prefix, "x = foo(a");
    engine.latest.say(")", [[1, 0.9]]);
    await engine.latest.done();
    assert.equal(shown(at("x = foo")), "(a)");
  });
});

describe("a suggestion of which the model is sure", () => {
  it("waits for the end of its first line, and then grows", async () => {
    const { engine, suggester, shown } = setUp(0.5);
    const place = at("if a:");
    suggester.ask(place);
    await settle();
    engine.latest.say("\n    foo(", [[5, 0.9], [9, 0.9]]); // prettier-ignore
    assert.equal(shown(place), undefined);
    engine.latest.say(")\n", [[1, 0.9], [2, 0.9]]); // prettier-ignore
    assert.equal(shown(place), "\n    foo()");
    engine.latest.say("    bar()\n", [[4, 0.1], [10, 0.1]]); // prettier-ignore
    assert.equal(shown(place), "\n    foo()\n    bar()");
    await engine.latest.done();
  });

  it("waits for what is held back of its line, until more of it is known", async () => {
    const { engine, suggester, shown } = setUp(0.5);
    const place = at("s.reduce((sum, item) => sum + ", ", 0);");
    suggester.ask(place);
    await settle();
    engine.latest.say("item.price, ", [[10, 0.9], [12, 0.9]]); // prettier-ignore
    assert.equal(shown(place), undefined);
    engine.latest.say("1", [[1, 0.9]]);
    await engine.latest.done();
    assert.equal(shown(place), "item.price, 1");
  });

  it("stays while what is typed fits it, wherever that is", async () => {
    const { engine, suggester, shown } = setUp((kind) => (kind === "comment" ? 0.99 : 0.5));
    suggester.ask(at("x = "));
    await settle();
    engine.latest.say("1  # one", [[1, 0.9], [4, 0.9], [8, 0.9]]); // prettier-ignore
    await engine.latest.done();
    assert.equal(shown(at("x = ")), "1  # one");
    assert.equal(shown(at("x = 1  # o")), "ne");
  });

  it("also stays where it is another text than the first, which was asked for", () => {
    const store = new SuggestionStore();
    store.putOthers(at("x = "), [{ text: "foo(b)", replaced: 0, isWhole: true }]);
    assert.equal(store.find(at("x = fo"))?.text, "o(b)");
    assert.equal(store.find(at("x = "))?.text, undefined);
  });
});
