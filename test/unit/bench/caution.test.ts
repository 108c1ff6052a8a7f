import assert from "node:assert/strict";
import { areaUnderCurve, FEATURES, fitBars, seenWith } from "../../../bench/library/cautionFit.js";
import { drawStretch, isRightLine, keysOf, type TypedKey } from "../../../bench/library/typedStretches.js";
import { createRandom } from "../../../src/base/random.js";

const key = (likelihood: number, isRight: boolean, shown = "text", typed = "x"): TypedKey => ({
  ...{ kind: "lineEnd", typed, shown, isRight },
  logProbs: [Math.log(likelihood)],
});

describe("the bars of suggestions", () => {
  /** Right as often as they are likely. */
  const keys = Array.from({ length: 1000 }, (_, index) => key((index + 0.5) / 1000, (index * 617) % 1000 < index));

  it("are the lowest above which lines are right often enough", () => {
    const { lineEnd } = fitBars([keys], 0.75);
    assert.ok(Math.abs(lineEnd - 0.5) < 0.06, `${lineEnd}`);
    assert.equal(fitBars([keys], 0.3).lineEnd, 0);
  });

  it("are the share that is wanted itself, if none is high enough", () => {
    const never = keys.map((each) => ({ ...each, isRight: false }));
    assert.equal(fitBars([never], 0.6).lineEnd, 0.6);
  });

  it("are those of all kinds for a kind of which too few suggestions, or too few right ones, are known", () => {
    const all = fitBars([keys], 0.75).lineEnd;
    const wrong = keys.map((each) => ({ ...each, kind: "prose" as const, logProbs: [-5], isRight: false }));
    const bars = fitBars([keys, wrong], 0.75);
    assert.deepEqual([bars.prose, bars.middle], [all, all]);
    const text = "a long text";
    const once = [...text].map((_, index) => key(0.9, true, text.slice(index), index === 0 ? "" : text[index - 1]));
    const { comment } = fitBars([keys, once.map((each) => ({ ...each, kind: "comment" as const }))], 0.75);
    assert.ok(Math.abs(comment - all) < 0.03, `${comment} for one suggestion, ${all} for all`);
  });

  it("tell by how well likelihoods part right from wrong", () => {
    assert.equal(areaUnderCurve([key(0.9, true), key(0.8, true), key(0.1, false)], FEATURES.product), 1);
    assert.equal(areaUnderCurve([key(0.5, true), key(0.5, false)], FEATURES.product), 0.5);
  });
});

describe("what is seen of suggestions", () => {
  it("is counted by key, and a text counts as a change only where it is not the rest of the one before", () => {
    const stretch = [
      key(0.9, true, "abc", ""),
      key(0.9, true, "bc", "a"),
      key(0.9, false, "zz", "b"),
      { ...key(1, false, "", "c"), shown: undefined },
    ];
    assert.deepEqual(seenWith([stretch]), { keys: 4, shown: 0.75, right: 2 / 3, changes: 50 });
  });

  it("leaves out what is below its bar, but for what was shown before", () => {
    const bars = { lineEnd: 0.5, middle: 0.5, comment: 0.5, prose: 0.5 };
    const stretch = [key(0.2, true, "abc", ""), key(0.9, true, "bc", "a"), key(0.2, false, "c", "b"), key(0.2, true, "yy", "x")];
    assert.deepEqual(seenWith([stretch], bars), { keys: 4, shown: 0.5, right: 0.5, changes: 25 });
  });
});

describe("a stretch that is typed", () => {
  const text = "def f(alpha, beta):\n    # what it is\n    return alpha + beta\n";

  it("is drawn by the kind of place", () => {
    const drawn = (wanted: Parameters<typeof drawStretch>[2], file = "a.py"): string | undefined => {
      const stretch = drawStretch(file, text, wanted, createRandom(1));
      return stretch && stretch.text.slice(stretch.start, stretch.end);
    };
    assert.equal(drawn("middle"), "alpha, beta");
    assert.equal(drawn("comment")?.startsWith("# what it is\n"), true);
    assert.match(drawn("lineEnd")!, /^(def f|return)/);
    assert.deepEqual([drawn("prose"), drawn("middle", "a.md")], [undefined, undefined]);
    assert.notEqual(drawn("prose", "a.md"), undefined);
  });

  it("has a key for each character, and one for a line break with the indentation after it", () => {
    const start = text.indexOf(":");
    assert.deepEqual(keysOf({ file: "a.py", text, start, end: start + 8 }), [start, start + 1, start + 6, start + 7]);
  });

  it("has right lines where the first line, put in, is how the text goes on", () => {
    assert.equal(isRightLine("alpha, beta", "):", "alpha, beta):\n    #"), true);
    assert.equal(isRightLine("alpha", "):", "alpha, beta):\n    #"), false);
    assert.equal(isRightLine("\n    return x\n    y", "", "\n    return x  \n    z"), true);
    assert.equal(isRightLine("\n    return x", "", "  \n"), false);
  });
});
