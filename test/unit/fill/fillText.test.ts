import assert from "node:assert/strict";
import { fillText } from "../../../src/fill/fillText.js";

/** Each row: a claim, a document with its hole at `‸`, the middle, what is put in; and the language, if it matters. */
type Row = readonly [claim: string, document: string, middle: string, expected: string, languageId?: string];

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  "at its end": [
    ["loses a colon that follows", "if ‸:\n", "x is None:", "x is None"],
    ["loses a semicolon that follows", "let a = ‸;", "1;", "1"],
    ["loses a bracket and a colon that follow", "def f(self‸):", ", x):", ", x"],
    ["loses a bracket that follows and that it did not open", "print(‸)", "x)", "x"],
    ["keeps a bracket that it opened", "print(‸)", "f(x)", "f(x)"],
    ["keeps both where it opened one of two", "print(f(‸))", "g(x)", "g(x)"],
    ["loses a quote that follows", 'a = "‸"', 'text"', "text"],
    ["keeps a colon that nothing follows", "if ‸\n", "x:", "x:"],
    ["keeps a colon before other text", "x[‸2]", "1:", "1:"],
    ["keeps letters that follow too", "a = ‸c", "abc", "abc"],
    ["loses text that follows on the line", "x = ‸ + b", "a + b", "a"],
    ["has no line end before one", "a = ___\n".replace("___", "‸"), "1\n", "1"],
    ["has no line end before one, in the line ends of Windows", "a = ‸\r\nb\r\n", "1\r\n", "1"],
  ],
  "that closes what is closed after it": [
    ["ends before the bracket, whatever stands between", "totals.get(‸, 0.0)", "total)", "total"],
    ["ends before the bracket of a call", "max(‸, key=f)", "readings, 0.0)", "readings, 0.0"],
    ["ends before the bracket of a condition", "if (‸ && b) {\n}\n", "a) {\n  c();\n}", "a"],
    ["ends before a bracket that stands on a line below", "x = f(\n    ‸\n)\n", "a,\n    b)", "a,\n    b"],
    ["ends before one of several too many", "foo(‸)", "a))", "a"],
    ["keeps one that it opens anew", "y = foo(‸)", "a) + bar(b", "a) + bar(b"],
    ["keeps one that nothing closes", "foo(‸\n", "a)", "a)"],
    ["reads templates", "x = `${f(‸)}`", "a)} ${g(b", "a)} ${g(b", "typescript"],
    ["reads lifetimes", "fn f<'a>(x: ‸) {\n}\n", "&'a str)", "&'a str", "rust"],
    ["reads comments", "foo(‸) # it's\n", "a)", "a", "python"],
    ["reads escapes", 'f("a\\"‸", 1)', 'b")', "b", "javascript"],
  ],
  "in the document's indentation": [
    ["has tabs", "class A:\n\tdef run(self):\n‸\n", "        if x:\n            return 1\n", "\t\tif x:\n\t\t\treturn 1"],
    ["has spaces", "class A:\n    def run(self):\n‸\n", "\t\tif x:\n\t\t\treturn 1", "        if x:\n            return 1"],
    ["goes by the text after it where none stands before", "def f():\n‸\n\nclass A:\n\tx = 1\n", "    return 1\n", "\treturn 1"],
    ["keeps its line ends", "class A:\r\n\tdef run(self):\r\n‸\r\n", "        a\r\n        b\r\n", "\t\ta\r\n\t\tb"],
  ],
  "that says what stands below": [
    ["ends before it", "x = f(\n‸    b,\n)\n", "    a,\n    b,\n", "    a,\n"],
    ["ends before it, where the hole is a line without its end", "x = f(\n‸\n    b,\n)\n", "    a,\n    b,\n", "    a,"],
    ["ends before it, at the cursor's indentation", "f(\n    ‸\n    b,\n)\n", "a,\n    b,\n)", "a,"],
    ["keeps its only line: something is missing there", "x = [\n    0,\n    ‸\n    0,\n]\n", "0,", "0,"],
    ["keeps its first line where others follow", "x = [\n    ‸\n    0,\n]\n", "0,\n    1,", "0,\n    1,"],
    ["is nothing where it only says on what stands below", "a = 1\n‸\nb = 2\nc = 3\n", "b = 2\nc = 3", ""],
    [
      "keeps a line of a block that it opened",
      "func f() {\n\t‸\n\treturn item, nil\n}\n",
      "if ok {\n\t\treturn item, nil\n\t}",
      "if ok {\n\t\treturn item, nil\n\t}",
      "go",
    ],
    [
      "keeps a line of a block without brackets",
      "def f():\n    ‸\n    return None\n",
      "if a:\n        return None\n    b()",
      "if a:\n        return None\n    b()",
      "python",
    ],
    ["keeps a line whose bracket a cut would leave open", "f(\n    ‸\n    b,\n)\n", "[\n    b,\n    ],", "[\n    b,\n    ],"],
    ["keeps a closing word that is indented otherwise", "def a\n  if b\n    ‸\nend\n", "c\n  end", "c\n  end", "ruby"],
  ],
  "within a line": [
    ["is nothing where it only opens a bracket", "a.map(|b| ‸).sum();\n", "{", "", "rust"],
    ["is nothing where it ends with a bracket that nothing closes", "x = f(‸, 1)\n", "g(a, [", ""],
    ["keeps a bracket at its end that what follows closes", "x = f(‸a))\n", "g(", "g("],
  ],
  "that is no text": [
    ["is nothing where it is a blank", "return ‸;\n", "____", ""],
    ["is nothing where it holds a blank", "return ‸;\n", "area(____, 2)", ""],
    ["is nothing where it is a note of what is to come", "x = 1\n‸\n", "# TODO: fill this in", ""],
    ["ends before its own repetition, its first line on a line that is begun", "- ‸\n", "a\n- a\n- a\n- a", "a\n- a"],
    ["ends before a special token", "x = ‸\n", "1<|endoftext|>2", "1"],
    ["ends before its own repetition", "‸\n", "a()\na()\na()\na()", "a()\na()"],
    ["is nothing", "x = ‸\n", "<|fim_middle|>", ""],
  ],
};

for (const [what, rows] of Object.entries(TABLES)) {
  describe(`a fill ${what}`, () => {
    for (const [claim, document, middle, expected, languageId] of rows) {
      it(`${claim}: ${JSON.stringify(document)}`, () => {
        const [prefix, suffix] = document.split("‸");
        assert.equal(fillText(middle, { prefix, suffix, languageId }), expected);
      });
    }
  });
}
