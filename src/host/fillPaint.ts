import * as vscode from "vscode";
import { cellContent, columnBehind, coverContent, hintContent, type CanvasContent } from "../fill/canvasContent.js";
import { canvasRows } from "../fill/canvasRows.js";
import { displayText } from "../fill/displayText.js";
import type { HoleView } from "../fill/fillSession.js";

/** Shown where no canvas has come yet. */
const FIRST_MASKS = Array.from({ length: 3 }, () => ({ text: "", confidence: 0 }));

/**
 * Paints canvases where they are to stand, without touching the document: every piece is content that a decoration puts
 * before the hole, at a place of its own. Decorations have one line, so that further lines of a canvas are painted over the lines
 * below. The editor has no property for a place; `textDecoration` is passed on to the style sheet as it is.
 */
export class FillPaint implements vscode.Disposable {
  readonly #painted = vscode.window.createTextEditorDecorationType({});
  readonly #hidden = vscode.window.createTextEditorDecorationType({ textDecoration: "none; display: none" });

  /** @param active the hole that the keys act on; @param hint what they do */
  show(editor: vscode.TextEditor, views: readonly HoleView[], active: number, hint: string): void {
    const painted: vscode.DecorationOptions[] = [];
    const hidden: vscode.Range[] = [];
    for (const [index, view] of views.entries()) this.#paint(editor, view, views[index + 1], index === active ? hint : "", painted, hidden);
    editor.setDecorations(this.#painted, painted);
    editor.setDecorations(this.#hidden, hidden);
  }

  clear(editor: vscode.TextEditor): void {
    editor.setDecorations(this.#painted, []);
    editor.setDecorations(this.#hidden, []);
  }

  dispose(): void {
    this.#painted.dispose();
    this.#hidden.dispose();
  }

  #paint(
    { document, options }: vscode.TextEditor,
    { hole, slots, earlier, isFilling }: HoleView,
    next: HoleView | undefined,
    hint: string,
    painted: vscode.DecorationOptions[],
    hidden: vscode.Range[],
  ): void {
    if (slots.length === 0 && !isFilling) return;
    const [start, end] = [document.positionAt(hole.start), document.positionAt(hole.end)];
    const lineEnd = document.lineAt(end.line).range.end;
    // Text that holds another hole stays where it is.
    const isLastOfLine = next === undefined || document.positionAt(next.hole.start).line > end.line;
    const tabSize = typeof options.tabSize === "number" ? options.tabSize : 4;
    const place = {
      column: displayText(document.lineAt(start.line).text.slice(0, start.character), 0, tabSize).width,
      tabSize,
      rest: isLastOfLine ? document.getText(new vscode.Range(end, lineEnd)) : "",
      hasSeveralLines: end.line > start.line,
    };
    const rows = canvasRows(slots.length > 0 ? slots : FIRST_MASKS, earlier, place);
    const at = rangeOf(start);
    const put = (row: number, content: CanvasContent): void => void painted.push(contentAt(at, row, content));
    const covered = Math.max(rows.length - 1, end.line - start.line);
    const width = rows[0].reduce((sum, cell) => sum + cell.width, 0);
    // The selection is drawn behind the text, and would tint the canvas.
    if (hole.end > hole.start) put(0, coverContent(`${width}ch`));
    for (let row = 1; row <= covered; row += 1) put(row, coverContent("100vw"));
    for (const [row, cells] of rows.entries()) for (const cell of cells) put(row, cellContent(cell));
    painted.push({ range: at, renderOptions: { after: { contentText: "", textDecoration: `none; display: inline-block; width: ${width}ch` } } });
    if (covered > 0) hidden.push(new vscode.Range(start, document.lineAt(start.line).range.end));
    else if (hole.end > hole.start) hidden.push(new vscode.Range(start, end));
    if (hint === "") return;
    if (covered > 0) put(rows.length - 1, hintContent(hint, columnBehind(rows.at(-1)!)));
    else painted.push(contentBehind(lineEnd, hintContent(hint, columnBehind([]))));
  }
}

/** Content at a row: the hole's own, or one below it. */
function contentAt(range: vscode.Range, row: number, { text, column, colors, style, layer }: CanvasContent): vscode.DecorationOptions {
  const place = `${row === 0 ? "margin-left" : "left"}: ${column}ch; z-index: ${layer}`;
  const textDecoration = `none; position: absolute; top: ${row * 100}%; ${place}; ${style}`;
  return { range, renderOptions: { before: { contentText: text, textDecoration, ...themed(colors) } } };
}

/** Content that follows the text of a line. */
function contentBehind(at: vscode.Position, { text, column, colors, style }: CanvasContent): vscode.DecorationOptions {
  const textDecoration = `none; margin-left: ${column}ch; ${style}`;
  return { range: rangeOf(at), renderOptions: { after: { contentText: text, textDecoration, ...themed(colors) } } };
}

const rangeOf = (at: vscode.Position): vscode.Range => new vscode.Range(at, at);

function themed({ color, background }: CanvasContent["colors"]): vscode.ThemableDecorationAttachmentRenderOptions {
  return { color: new vscode.ThemeColor(color), ...(background !== undefined && { backgroundColor: new vscode.ThemeColor(background) }) };
}
