import assert from "node:assert/strict";
import fc from "fast-check";
import { presentable } from "../../../src/suggest/presentable.js";
import type { TextRefusal } from "../../../src/suggest/trims.js";
import { suggestionExtent } from "../../../src/suggest/suggestionExtent.js";
import { surroundingsOf } from "../../../src/suggest/surroundings.js";

/** What is shown of a whole text at `|` of a document, `replaced` behind the cursor in brackets. */
function shownAt(document: string, text: string, isWhole = true): string {
  const at = document.indexOf("|");
  const around = surroundingsOf(document.slice(0, at), document.slice(at + 1));
  const found = presentable(text, around, { extent: suggestionExtent(around, false), isWhole });
  if (typeof found === "string") return found;
  return found.replaced === 0 ? found.text : `${found.text}[${around.lineSuffix.slice(0, found.replaced)}]`;
}

const NOTHING: TextRefusal = "The model wrote nothing here.";
const BLANK: TextRefusal = "The suggestion was only white space.";
const ABOVE: TextRefusal = "The suggestion repeated the line above.";
const BELOW: TextRefusal = "The suggestion repeated the lines below.";
const BEHIND: TextRefusal = "The suggestion repeated what stands behind the cursor.";
const JUNK: TextRefusal = "The suggestion was not text of a file.";
const LOOP: TextRefusal = "The suggestion repeated itself.";
const CLOSED: TextRefusal = "The suggestion closed more than was open.";
const WORD: TextRefusal = "The cursor is inside a word.";
const GLUED: TextRefusal = "The suggestion would have run into the next word.";
const INDENT: TextRefusal = "The suggestion was indented wrongly.";

/** Each row: a document with the cursor, the engine's text, what is shown. */
const TABLES: Readonly<Record<string, readonly (readonly [document: string, text: string, shown: string])[]>> = {
  "blank text is not": [
    ["a|", "", NOTHING],
    ["a|", "  \n\t", BLANK],
    ["a|", "\r\n\r\n", BLANK],
    ["x = |", "\n\n  y", BLANK],
  ],
  "plain text is, without the blanks at its end": [
    ["x = |", "1", "1"],
    ["x = |", "1  \n", "1"],
    ["x = |", "'🙂 é'", "'🙂 é'"],
    ["// 🙂 |\n", "done", "done"],
    ["x =|", " 1", " 1"],
  ],
  "line ends of either kind are line ends": [
    ["if (a) {|", "\r\n  b();\r\n}", "\n  b();\n}"],
    ["if a:\r\n    |\r\nc()\r\n", "b()\r\nc()", "b()"],
  ],
  "a closer that stands behind the cursor is not doubled": [
    ["foo(|)", "a", "a"],
    ["foo(|)", "a)", "a)[)]"],
    ["foo(|);", "a);", "a);[);]"],
    ["foo(|) {", "a) {", "a) {[) {]"],
    ["foo(|)", "a) {", "a) {[)]"],
    ["foo([|])", "1, 2", "1, 2"],
    ["foo([|])", "1, 2]", "1, 2][]]"],
    ["foo([|])", "1, 2])", "1, 2])[])]"],
    ["[foo(|]", "a)]", "a)][]]"],
    ['print("|")', 'hello"', 'hello"["]'],
    ['print("|")', 'hello")', 'hello")[")]'],
    ['print("|")', "it's", "it's"],
    ['x["|"]', 'key"] = 1', 'key"] = 1["]]'],
    ["foo(|)", "bar(1)", "bar(1)"],
    ["foo(|)", "bar(1))", "bar(1))[)]"],
  ],
  "a closer too many is not shown": [
    ["foo(|)", "a))", "a)[)]"],
    ["foo(|)", "a)) {", "a)[)]"],
    ["foo(|)", "')', b))", "')', b)[)]"],
    ["foo(|)", ")", BEHIND],
    ["foo(|);", ");", BEHIND],
  ],
  "a closer that stands further on is not doubled": [
    ["totals.get(|, 0.0)", "total)", "total"],
    ["max(|, key=f)", "readings, 0.0)", "readings, 0.0"],
    ["x = [| for y in z]", "f(y)]", "f(y)"],
    ["if (| && b) {", "a) {", "a"],
    ["foo(a, |  )", "b)", "b"],
    ["a[| + 1] = 2", "i]", "i"],
    ["x = (\n  |\n)\n", "a + b)", "a + b"],
    ["foo(|, 1)", ")", CLOSED],
  ],
  "a closer that the text opens anew stays behind the cursor": [
    ["y = foo(|)", "a) + bar(b", "a) + bar(b"],
    ["y = [|]", "1] + [2", "1] + [2"],
    ["y = f(|, 2)", "a, 1) + f(b", "a, 1) + f(b"],
    ["y = '|'", "a' + 'b", "a' + 'b"],
  ],
  "a word is not taken apart": [
    ["return hei|ght", "s(w, h)", WORD],
    ["pri|nt(x)", "nt(x, y)", WORD],
    ["$va|r = 1", "lue", WORD],
    ["näm|e", "en", WORD],
    ["f(|a, b)", "c, ", "c, "],
    ["f(|a, b)", "c", GLUED],
    ["|foo()", "await bar", "await "],
  ],
  "what begins as what follows begins is not shown": [
    ["a.|b()", "b", BEHIND],
    ["a.|name()", "names()", BEHIND],
    ["x = | + b", " + b + c", BEHIND],
    ["f(a|, key=g)", ", key=h", BEHIND],
    ["f(|, b)", "a, b2", "a, b2"],
  ],
  "closers that close what the text opened stay": [
    ["x = |", "foo(a)", "foo(a)"],
    ["function f() {\n  |\n}", "if (a) {\n    b();\n  }", "if (a) {\n    b();\n  }"],
    ["function f() {|", "\n  return 1;\n}\nf();", "\n  return 1;\n}"],
    ["foo(|", "function () {\n  a();\n});\nb();", "function () {\n  a();\n});"],
  ],
  "lines that stand below are not repeated": [
    ["def f(a):\n    |\n    return a\n", "a += 1\n    return a", "a += 1"],
    ["def f(a):\n    |\n    return a\n", "return a", BELOW],
    ["def f(a):\n    re|\n    return a\n", "turn a", BELOW],
    ["if (a) {\n  |\n}\n", "b();\n}", "b();"],
    ["a|\n\n\nb\n", " = 1\nb", " = 1"],
  ],
  "an echo of the line above is not shown": [
    ["x = foo(1)\n|", "x = foo(1)", ABOVE],
    ["x = foo(1)\nx = |", "foo(1)", ABOVE],
    ["    x = foo(1)\n    |", "\n    x = foo(1)", ABOVE],
    ["x = foo(1)\n|", "x = foo(2)", "x = foo(2)"],
    ["def f(a):\n    return a\ndef g(a):|", "\n    return a", "\n    return a"],
    ["}\n|", "}", "}"],
  ],
  "a closing word says where it belongs by its indentation": [
    ["  end\n|", "end", "end"],
    ["  end\n  |", "end", ABOVE],
    ["  </div>\n|", "</div>", "</div>"],
    ["    fi\n  |", "fi", "fi"],
    ["    done\n  |", "done", "done"],
    ["    endif\n  |", "endif", "endif"],
    ["    end)\n  |", "end)", "end)"],
    ["    {% endif %}\n  |", "{% endif %}", "{% endif %}"],
    ["f(|", "{\n  a: {\n    b: {\n      c: 1\n    }\n  }\n})", "{\n  a: {\n    b: {\n      c: 1\n    }\n  }\n})"],
  ],
  "what stands behind the cursor is not repeated": [
    ["x = | + b", "a + b", "a"],
    ["x = | + b", " + b", BEHIND],
    ["x = |;", "a;", "a"],
    ["foo(|, b)", "a", "a"],
  ],
  "what is no text of a file is not shown": [
    ["x = |", "<|endoftext|>", JUNK],
    ["x = |", "1<|fim_middle|>y", "1"],
    ["x = |", "\uFFFD", JUNK],
    ["x = |", "a\0b", "a"],
    ["x = |", "a < b", "a < b"],
    ["x = |", "'<s>'", "'<s>'"],
    ["|", "std::vector<file_entry> e;", "std::vector<file_entry> e;"],
    ["let v: |", "Vec<file_meta> = Vec::new();", "Vec<file_meta> = Vec::new();"],
    ["x = |", "f <| g |> h", "f <| g |> h"],
    ["x = |", "'<|im_end|>'", "'<|im_end|>'"],
    ["x = |", "1<｜end▁of▁sentence｜>y", "1"],
    ["x = |", "1<file_sep>y", "1"],
  ],
  "loops end": [
    ["x = |", "la la la la la la la la la la", LOOP],
    ["x = |", "[0, 0, 0, 0]", "[0, 0, 0, 0]"],
    ["# |", "read it all or read it all or read it all or not", "read it all or read it all or"],
    ["m = |", "[[0, 0, 0], [0, 0, 0], [0, 0, 0]]", "[[0, 0, 0], [0, 0, 0], [0, 0, 0]]"],
    ["---|", "----------", "----------"],
    ["x = |", "Math.max(1, ".repeat(6) + "2", "Math.max(1, Math.max(1,"],
    ["x = |", "0xFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFF"],
    ["x = |", "F".repeat(40), "F".repeat(40)],
    ["x = |", "100000000000000", "100000000000000"],
    ["x = |", "'" + "A".repeat(60) + "'", "'" + "A".repeat(60) + "'"],
    ["x = |", "[" + "0x00, ".repeat(10) + "1]", "[" + "0x00, ".repeat(10) + "1]"],
    ["x = |", "1 + " + "a".repeat(100), "1 +"],
    ["x = |", "0, ".repeat(60), "0, ".repeat(24).trim()],
    ["def f():\n    |", "a()\n    a()\n    a()\n    a()", "a()\n    a()"],
  ],
  "an indentation that is there already is not doubled": [
    ["def f():\n    |", "    return 1", INDENT],
    ["a();\n  |", "  b();", INDENT],
    ["    a = 1;\n    |", "    b = 2;", INDENT],
    ["def f():\n|", "    return 1", "    return 1"],
    ["def f():\n   |", " return 1", " return 1"],
    ["def f():\n  |", "  return 1", "  return 1"],
    ["def f():\n    |", "return 1", "return 1"],
    ["    def f\n    |", "  1", "  1"],
  ],
  "no more is shown than belongs to the place": [
    ["x = |", "1\ny = 2", "1"],
    ["def f():|", "\n    return 1\n\ndef g():\n    pass", "\n    return 1"],
    ["    if a:\n        |", "b()\n    c()", "b()"],
    ["foo(|, 2)", "1\n2", "1"],
    ["# say |", "what\nx = 1", "what"],
    ["if x then|", "\n  y()\nend\nz()", "\n  y()\nend"],
    ["if (a) {|", "\n  b();\n} else {\n  c();\n}\nd();", "\n  b();\n} else {\n  c();\n}"],
  ],
};

describe("what is shown of a text", () => {
  for (const [claim, rows] of Object.entries(TABLES)) {
    for (const [document, text, shown] of rows) {
      it(`${claim}: ${JSON.stringify(document)} with ${JSON.stringify(text)}`, () => {
        assert.equal(shownAt(document, text), shown);
      });
    }
  }

  it("is not what more text could take back: an end that may become an echo waits", () => {
    assert.equal(shownAt("x = foo(1)\n|", "x = fo", false), ABOVE);
    assert.equal(shownAt("x = |\nlog(x)", "1\nlo", false), "1");
    assert.equal(shownAt("x = | + b", "a +", false), "a");
    assert.equal(shownAt("x = |", "1<|fim", false), "1");
    assert.equal(shownAt("x = |", "1<file_", false), "1");
    assert.equal(shownAt("x = |", "1<file_e", false), "1<file_e");
    assert.equal(shownAt("f(|, 1)", "a)", false), "a");
    assert.equal(shownAt("a.|name()", "na", false), BEHIND);
    assert.equal(shownAt("f(|a, b)", "c, d", false), "c, ");
    assert.equal(shownAt("if (a) {|", "\n  b();\n}", false), "\n  b();\n}");
  });

  it("of a part of a text is the beginning of what is shown of more of it", () => {
    const signs = ["(", ")", "{", "}", '"', "'", ";", ":", " ", "  ", "\n", "\n  ", "\n    ", "\t", "\r\n"];
    const word = fc.constantFrom(...signs, "[", "]", ", ", "a", "b", "if", "end", " + b", "<|sep|>", "<", "0, 0, ", "read it all ", "or ");
    const text = fc.array(word, { minLength: 1, maxLength: 24 }).map((words) => words.join(""));
    const side = fc.array(word, { maxLength: 10 }).map((words) => words.join(""));
    const around = fc.tuple(side, side);
    const property = fc.property(text, around, fc.nat(), fc.boolean(), (whole, [prefix, suffix], cut, isManual) => {
      const surroundings = surroundingsOf(prefix, suffix);
      const extent = suggestionExtent(surroundings, isManual);
      const part = presentable(whole.slice(0, cut % whole.length), surroundings, { extent, isWhole: false });
      const all = presentable(whole, surroundings, { extent, isWhole: true });
      if (typeof part === "string") return;
      assert.ok(typeof all !== "string" && all.text.startsWith(part.text), JSON.stringify({ part, all, extent }));
      if (part.isWhole) assert.equal(all.text, part.text);
    });
    fc.assert(property, { numRuns: 3000, seed: 8 });
  });
});
