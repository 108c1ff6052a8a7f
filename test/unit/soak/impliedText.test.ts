import assert from "node:assert/strict";
import { createRandom } from "../../../src/base/random.js";
import { isAccepted, isDeletedLeft, isReplaced, isTyped, isTypedClosing, type EditorState } from "../../vscode/host/soak/impliedText.js";
import { nextEvent } from "../../vscode/host/soak/soakEvent.js";

/** `|` marks the cursor, or the two ends of the selection. */
function state(marked: string): EditorState {
  const [head, ...rest] = marked.split("|");
  const selected = rest.length > 1 ? rest[0] : "";
  return { text: marked.replaceAll("|", ""), start: head.length, end: head.length + selected.length };
}

describe("what an edit implies", () => {
  const rows: [string, boolean, boolean][] = [
    ["typing inserts at the cursor", isTyped(state("a|c"), "b", "abc"), isTyped(state("a|c"), "b", "acb")],
    ["typing replaces the selection", isTyped(state("a|x|c"), "b", "abc"), isTyped(state("a|x|c"), "b", "abxc")],
    ["typing a closing bracket may indent it", isTypedClosing(state("a\n    |"), "}", "a\n  }"), isTypedClosing(state("a\n b|"), "}", "a\nb}")],
    ["typing a letter does not indent", isTyped(state("a\n  |"), "b", "a\n  b"), isTypedClosing(state("a\n  |"), "b", "a\nb")],
    ["deleting takes the character before the cursor", isDeletedLeft(state("ab|c"), "ac"), isDeletedLeft(state("ab|c"), "ab")],
    ["deleting takes the selection alone", isDeletedLeft(state("a|b|c"), "ac"), isDeletedLeft(state("a|b|c"), "c")],
    ["deleting at the start changes nothing", isDeletedLeft(state("|ab"), "ab"), isDeletedLeft(state("|ab"), "b")],
    ["filling keeps what is around the selection", isReplaced(state("a|bb|c"), "aXc"), isReplaced(state("a|bb|c"), "aXd")],
    ["filling does not count one character twice", isReplaced(state("ab|x|ba"), "abba"), isReplaced(state("ab|x|ba"), "aba")],
    ["accepting adds at the cursor", isAccepted(state("a|\nz"), "abc\nd\nz"), isAccepted(state("a|\nz"), "Xa\nz")],
    ["accepting keeps what stood behind the cursor", isAccepted(state("f(|)\nz"), "f(a, b)\nz"), isAccepted(state("f(|)\nz"), "f(a, b\nz")],
    ["accepting keeps the next line", isAccepted(state("a|\nz"), "ab\nz"), isAccepted(state("a|\nz"), "ab\ny")],
    ["accepting without a suggestion changes nothing", isAccepted(state("a|b"), "ab"), isAccepted(state("a|b"), "a")],
    ["accepting leaves a selection alone", isAccepted(state("a|b|c"), "abc"), isAccepted(state("a|b|c"), "axbc")],
  ];
  for (const [claim, good, bad] of rows) {
    it(claim, () => assert.deepEqual([good, bad], [true, false]));
  }
});

describe("soak events", () => {
  it("are the same for the same seed, and of every kind", () => {
    const events = (seed: number): object[] => {
      const random = createRandom(seed);
      return Array.from({ length: 1000 }, () => nextEvent(random));
    };
    assert.deepEqual(events(1), events(1));
    assert.notDeepEqual(events(1), events(2));
    assert.equal(new Set(events(1).map((event) => (event as { kind: string }).kind)).size, 14);
  });
});
