import assert from "node:assert/strict";
import type { Place } from "../../../src/protocol/place.js";
import { SuggestionCache } from "../../../src/suggest/suggestionCache.js";

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

describe("the suggestion cache", () => {
  for (const [claim, known, text, place, found] of ROWS) {
    it(claim, () => {
      const cache = new SuggestionCache();
      cache.put({ place: split(known), text, isWhole: true });
      assert.equal(cache.find(split(place))?.text, found);
    });
  }

  it("tells documents apart", () => {
    const cache = new SuggestionCache();
    cache.put({ place: at("x = "), text: "1", isWhole: true });
    assert.equal(cache.find(at("x = ", "", "file:///b.py")), undefined);
  });

  it("prefers the latest text and forgets the oldest", () => {
    const cache = new SuggestionCache(2);
    cache.put({ place: at("a"), text: "1", isWhole: false });
    cache.put({ place: at("a"), text: "12", isWhole: true });
    assert.deepEqual(cache.find(at("a")), { text: "12", isWhole: true });
    cache.put({ place: at("b"), text: "1", isWhole: true });
    cache.put({ place: at("c"), text: "1", isWhole: true });
    assert.equal(cache.find(at("a")), undefined);
    cache.clear();
    assert.equal(cache.find(at("c")), undefined);
  });
});
