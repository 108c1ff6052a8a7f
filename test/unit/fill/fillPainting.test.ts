import assert from "node:assert/strict";
import { displayText } from "../../../src/fill/displayText.js";
import { fillPainting, type LinePlace, type PlacedContent } from "../../../src/fill/fillPainting.js";

const HINTS = ["Tab keep · Esc drop · Alt+=/- longer/shorter · Alt+] next", "Tab keep"];

/** What a screen shows of a document with `[selected]` or `‸` holes and their texts: the row of each line, the hint apart. */
function screen(marked: string, ...texts: readonly string[]): { rows: string[]; hint: string; hintEnd: number; overlaps: string[] } {
  const { text, holes } = holesOf(marked);
  const lines = text.split("\n");
  const placeAt = (offset: number): LinePlace => {
    const before = text.slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1)!.length };
  };
  const placed = holes.map(({ start, end }, index) => ({
    start: placeAt(start),
    end: placeAt(end),
    view: { hole: { start, end }, slots: [{ text: texts[index], confidence: 1 }], earlier: [], isFilling: false, place: [1, 1] as const },
  }));
  const document = { lineAt: (line: number) => lines[line], lineCount: lines.length, tabSize: 4, lastVisibleLine: lines.length - 1 };
  const painting = fillPainting(document, placed, placed.length - 1, HINTS);
  const grid: string[][] = lines.map(() => []);
  const starts = new Map<string, number>();
  const keyOf = ({ line, character }: LinePlace): string => `${line}:${character}`;
  // The document's own text, with room where there is a hole and none where it is hidden.
  for (const [line, code] of lines.entries()) {
    let column = 0;
    for (let character = 0; character <= code.length; character += 1) {
      const room = painting.rooms.find(({ anchor }) => keyOf(anchor) === `${line}:${character}`);
      starts.set(`${line}:${character}`, column);
      column += room?.columns ?? 0;
      const isHidden = painting.hidden.some(
        ({ start, end }) => start.line === line && character >= start.character && (end.line > line || character < end.character),
      );
      if (character === code.length || isHidden) continue;
      const shown = displayText(code[character], column, 4);
      for (const each of shown.text) grid[line][column++] = each;
    }
  }
  const overlaps: string[] = [];
  const isHint = ({ content }: PlacedContent): boolean => content.style.includes("italic");
  const painted = new Set<string>();
  const columnOf = ({ anchor, isFromAnchor, content }: PlacedContent): number => content.column + (isFromAnchor ? starts.get(keyOf(anchor))! : 0);
  let [hint, hintEnd] = ["", 0];
  for (const each of [...painting.contents].sort((a, b) => a.content.layer - b.content.layer)) {
    const { anchor, row, content } = each;
    const line = (grid[anchor.line + row] ??= []);
    const column = columnOf(each);
    if (content.layer === 5) {
      const width = content.style.includes("vw") ? line.length : Number.parseInt(content.style.slice("width: ".length), 10);
      for (let at = column; at < column + width; at += 1) if (line[at] !== undefined) line[at] = " ";
      continue;
    }
    const said = content.text.replaceAll("\u00a0", " ");
    if (isHint(each)) {
      hint = said;
      hintEnd = column + said.length * 0.9;
    }
    for (const [index, character] of [...said].entries()) {
      const place = `${anchor.line + row}:${column + index}`;
      if (painted.has(place) || (character.trim() !== "" && (line[column + index] ?? " ").trim() !== "")) overlaps.push(`${place} ${said}`);
      painted.add(place);
      if (!isHint(each)) line[column + index] = character;
    }
  }
  const rows = Array.from(grid, (row) =>
    Array.from(row ?? [], (each) => each ?? " ")
      .join("")
      .trimEnd(),
  );
  return { rows, hint, hintEnd, overlaps };
}

function holesOf(marked: string): { text: string; holes: { start: number; end: number }[] } {
  const holes: { start: number; end: number }[] = [];
  let text = "";
  for (const character of marked) {
    if (character === "‸") holes.push({ start: text.length, end: text.length });
    else if (character === "⟦") holes.push({ start: text.length, end: -1 });
    else if (character === "⟧") holes.at(-1)!.end = text.length;
    else text += character;
  }
  return { text, holes };
}

/** Each row: a claim, the document, the texts of its holes. */
const ROWS: readonly (readonly [claim: string, marked: string, ...texts: string[]])[] = [
  ["a text within a line", "x = f(‸)\ny = 1\n", "a"],
  ["a text of several lines before code", "def f():\n    ‸\n    return a\n\nprint(f())\n", "a = 1\n    b = 2\n    c = 3"],
  ["at an empty line before code", "def f():\n‸\n    return a\n", "    a = 1\n    b = 2"],
  ["at an empty last line", "def f():\n    a = 1\n‸", "    b = 2\n    return b"],
  ["at the end of a document without one", "def f():‸", "\n    b = 2\n    return b"],
  ["two holes, the first of which grows", "a = ‸\nb = ‸\nc = 3\n", "[\n  1,\n]", "2"],
  ["two holes that grow", "f {‸\n}\ng {‸\n}\nh\n", "\n  a()\n  b()", "\n  c()"],
  ["two holes of a line", "f(‸, x, ‸)\ny\n", "a", "bb"],
  ["two holes of a line that has moved", "x = ‸\nf(‸, x, ‸)\ny\n", "[\n]", "a", "bb"],
  ["with everything selected", "⟦a = 1\nb = 2\n⟧", "c = 1\nd = 2\ne = 3\n"],
  ["lines with tabs and wide characters", "if a:\n\t‸\n\tb = '語'\n", "x = 1\n\ty = 2"],
];

describe("a fill's preview", () => {
  for (const [claim, marked, ...texts] of ROWS) {
    it(`shows the document as it will be: ${claim}`, () => {
      const { text, holes } = holesOf(marked);
      let filled = "";
      let at = 0;
      for (const [index, { start, end }] of holes.entries()) {
        filled += text.slice(at, start) + texts[index];
        at = end;
      }
      filled += text.slice(at);
      const expected = filled.split("\n").map((line) => displayText(line, 0, 4).text.trimEnd());
      const { rows, overlaps } = screen(marked, ...texts);
      assert.deepEqual(rows.join("\n").trimEnd(), expected.join("\n").trimEnd());
      assert.deepEqual(overlaps, []);
    });
  }

  it("leaves the lines below where they are that a shorter text will move up", () => {
    const { rows, overlaps } = screen("a\n⟦b\nc\nd⟧ + 1\ne\n", "x");
    assert.deepEqual([rows, overlaps], [["a", "x + 1", "", "", "e", ""], []]);
  });

  it("says in full what the keys do where there is room, and little where there is not", () => {
    assert.equal(screen("x = ‸\n", "1").hint, HINTS[0]);
    const long = screen(`${"x".repeat(55)} = ‸\n`, "1");
    assert.equal(long.hint, HINTS[1]);
    assert.ok(long.hintEnd <= 80, String(long.hintEnd));
    assert.equal(screen(`${"x".repeat(55)}(‸)\n`, "a,\n  b").hint, HINTS[0]);
  });
});
