import assert from "node:assert/strict";
import type { Place } from "../../../src/protocol/place.js";
import { SuggestionStore } from "../../../src/suggest/suggestionStore.js";

const at = (prefix: string, suffix = "", uri = "file:///a.py"): Place => ({ uri, prefix, suffix });

/** Each row: what was known (a document with the cursor, and its text), a place, what is found there. */
const ROWS: readonly (readonly [claim: string, known: string, text: string, place: string, found: string | undefined])[] = [
  ["the same place gives the text", "x = |", "foo()", "x = |", "foo()"],
  ["typing on gives the rest", "x = |", "foo()", "x = fo|", "o()"],
  ["accepting a word gives the rest", "x = |", "foo + bar", "x = foo|", " + bar"],
  ["accepting a line gives the rest", "if a:|", "\n  b()\n  c()", "if a:\n  b()|", "\n  c()"],
  ["typing something else gives nothing", "x = |", "foo()", "x = b|", undefined],
  ["deleting gives nothing", "x = |", "foo()", "x =|", undefined],
  ["all of it typed gives nothing", "x = |", "foo()", "x = foo()|", undefined],
  ["another suffix gives nothing", "x = |\ny", "foo()", "x = |\nz", undefined],
  ["the same suffix gives the rest", "x = |\ny", "foo()", "x = f|\ny", "oo()"],
  ["a closer that the editor added does not matter", "x = |", "foo(a)", "x = foo(|)", "a)"],
  ["two closers that the editor added do not matter", "x = |", "foo([a])", "x = foo([|])", "a])"],
  ["a closer that was there does matter", "x = |)", "foo(a)", "x = foo(|]))", undefined],
  ["line ends are part of the text", "if a:|", "\r\n  b()", "if a:\r\n|", "  b()"],
];

function split(document: string): Place {
  const [prefix, suffix] = document.split("|");
  return at(prefix, suffix);
}

const PLAIN = { likelihoods: [], standing: { isShown: false } };

describe("the store of suggestions", () => {
  for (const [claim, known, text, place, found] of ROWS) {
    it(claim, () => {
      const store = new SuggestionStore();
      store.put({ place: split(known), text, wholeLines: Infinity, ...PLAIN });
      assert.equal(store.find(split(place))?.text, found);
    });
  }

  it("tells documents apart", () => {
    const store = new SuggestionStore();
    store.put({ place: at("x = "), text: "1", wholeLines: Infinity, ...PLAIN });
    assert.equal(store.find(at("x = ", "", "file:///b.py")), undefined);
  });

  it("counts the lines of which a text is all there is from the place where it is asked for", () => {
    const store = new SuggestionStore();
    store.put({ place: at("if a:"), text: "\n  b()\n  c()", wholeLines: 3, ...PLAIN });
    assert.equal(store.find(at("if a:"))?.wholeLines, 3);
    assert.deepEqual(store.find(at("if a:\n  b()\n")), { text: "  c()", wholeLines: 1, ...PLAIN });
  });

  it("knows where the engine meant to say nothing, and forgets where it was cut off before it said anything", () => {
    const store = new SuggestionStore();
    store.put({ place: at("x"), text: "", wholeLines: 1, ...PLAIN });
    store.put({ place: at("y"), text: "", wholeLines: 0, ...PLAIN });
    assert.deepEqual(
      [store.find(at("x")), store.find(at("y")), store.find(at("x", ")"))],
      [{ text: "", wholeLines: 1, ...PLAIN }, undefined, undefined],
    );
  });

  it("keeps other texts for one place, until everything is cleared", () => {
    const store = new SuggestionStore();
    const texts = [{ text: "1", replaced: 0, isWhole: true }];
    store.putOthers(at("x = "), texts);
    assert.deepEqual([store.othersAt(at("x = ")), store.othersAt(at("y = "))], [texts, undefined]);
    store.clear();
    assert.equal(store.othersAt(at("x = ")), undefined);
  });

  it("prefers the latest text and forgets the oldest", () => {
    const store = new SuggestionStore(2);
    store.put({ place: at("a"), text: "1", wholeLines: 0, ...PLAIN });
    store.put({ place: at("a"), text: "12", wholeLines: Infinity, ...PLAIN });
    assert.deepEqual(store.find(at("a")), { text: "12", wholeLines: Infinity, ...PLAIN });
    store.put({ place: at("b"), text: "1", wholeLines: Infinity, ...PLAIN });
    store.put({ place: at("c"), text: "1", wholeLines: Infinity, ...PLAIN });
    assert.equal(store.find(at("a")), undefined);
    store.clear();
    assert.equal(store.find(at("c")), undefined);
  });
});
