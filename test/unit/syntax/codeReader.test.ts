import assert from "node:assert/strict";
import { createRandom } from "../../../src/base/random.js";
import { CodeReader } from "../../../src/syntax/codeReader.js";
import { syntaxOf } from "../../../src/syntax/syntaxOf.js";

/** What ends what is open, the last one first, and the faults. */
function openIn(languageId: string | undefined, ...pieces: readonly string[]): [open: string, faults: number] {
  const reader = new CodeReader(syntaxOf(languageId));
  for (const piece of pieces) reader.read(piece);
  return [
    reader.frames
      .map(({ closer }) => closer)
      .toReversed()
      .join(" "),
    reader.faults,
  ];
}

/** Each row: a language, code, what is open at its end, and the faults that were met. */
const ROWS: readonly (readonly [languageId: string | undefined, code: string, open: string, faults: number])[] = [
  [undefined, "f(a[0], {b: 1}", ")", 0],
  [undefined, "don't (see", ")", 0],
  [undefined, "f(]", ")", 1],
  [undefined, "{ ( }", "", 0],
  ["javascript", "const s = `a ${f(`b ${", "} ` ) } `", 0],
  ["javascript", "const s = `a ${f({})} (`;", "", 0],
  ["javascript", "x = 'it\\'s (' + f(", ")", 0],
  ["typescript", 'x.replace(/[(\\]"]/g, ""', ")", 0],
  ["typescript", "return /\\(/.test(a", ")", 0],
  ["typescript", "x = (a / b) / (c", ")", 0],
  ["javascript", "f(); // don't (\ng(", ")", 0],
  ["javascript", "/* it's ( */ g(", ")", 0],
  ["javascript", 'x = "a (\ng(', ")", 1],
  ["python", '"""it\'s (\n""" + f(', ")", 0],
  ["python", "x = f'{a}(' + g[", "]", 0],
  ["python", "# don't (\nf(", ")", 0],
  ["python", "x = a // (b", ")", 0],
  ["rust", "fn f<'a>(x: &'a str, y: &'a [u8]", ")", 0],
  ["rust", "impl<'a,'b> Foo<'a,'b> {", "}", 0],
  ["rust", "let c = '('; let d = '\\''; f(", ")", 0],
  ["rust", 'let s = r#"a " ( "#; f(', ")", 0],
  ["rust", "'outer: loop {", "}", 0],
  ["cpp", "int x = 1'000'000; char c = '('; f(", ")", 0],
  ["cpp", "int x = 0xFF'FF; f(", ")", 0],
  ["cpp", 'auto s = R"x(a )" ( )x"; f(', ")", 0],
  ["cpp", "auto c = u8'('; f(", ")", 0],
  ["go", "s := `a \\` + f(", ")", 0],
  ["java", 'String s = """\n  it\'s (\n  """ + f(', ")", 0],
  ["kotlin", 'val s = "a ${f("(")} b" + g(', ")", 0],
  ["swift", 'let s = "a \\(f(x)) b" + g(', ")", 0],
  ["csharp", 'var s = @"a\\" + f(', ")", 0],
  ["ruby", 'puts "a #{f(1)} (" + g(', ")", 0],
  ["shellscript", "echo $# ${#list[@]} 'a\\' $(f", ")", 0],
  ["shellscript", "# don't (\nf $(", ")", 0],
  ["lua", "x = [[ ( ]] -- don't (\nf(", ")", 0],
  ["sql", "select 'it''s (' -- (\nfrom f(", ")", 0],
  ["haskell", "foldl' f x' (g '('", ")", 0],
  ["ocaml", "let x' = f (g '(') (* don't ( *) [", "]", 0],
  ["clojure", "(f '(a b) ; don't (", "\n )", 0],
  ["julia", "A' * (B'", ")", 0],
  ["markdown", "It's (as you'd", ")", 0],
  ["html", "<p>don't</p><!-- ( --> (", ")", 0],
];

describe("what is open in code", () => {
  for (const [languageId, code, open, faults] of ROWS) {
    it(`is ${JSON.stringify(open)} after ${JSON.stringify(code)} in ${languageId ?? "an unknown language"}`, () => {
      assert.deepEqual(openIn(languageId, code), [open, faults]);
    });
  }

  it("is the same of text in pieces, cut where no mark of several characters stands", () => {
    const random = createRandom(3);
    for (const [languageId, code, open, faults] of ROWS) {
      const places = [...Array(code.length).keys()].filter((at) => /[\w\s]{2}/.test(code.slice(at - 1, at + 1)));
      if (places.length === 0) continue;
      const cut = places[Math.floor(random.next() * places.length)];
      assert.deepEqual(openIn(languageId, code.slice(0, cut), code.slice(cut)), [open, faults], JSON.stringify([code, cut]));
    }
  });

  it("tells of what is closed before it is, and of what nothing opened", () => {
    const told: [number, number][] = [];
    new CodeReader(syntaxOf("python")).read("f(']'])", ({ index, frame }) => told.push([index, frame]));
    assert.deepEqual(told, [[4, 1], [5, -1], [6, 0]]);
  }); // prettier-ignore

  it("takes no longer for a character of a long text than of a short one", () => {
    const code = "f('a', [1, 2], `x ${y} z`); // it's ( \n".repeat(5000);
    const start = performance.now();
    new CodeReader(syntaxOf("typescript")).read(code);
    assert.ok(performance.now() - start < 1500);
  });
});
