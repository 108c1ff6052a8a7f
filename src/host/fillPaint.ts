import * as vscode from "vscode";
import type { CanvasContent } from "../fill/canvasContent.js";
import { fillPainting, type LinePlace, type LineRange, type PlacedContent } from "../fill/fillPainting.js";
import type { HoleView } from "../fill/fillSession.js";

/**
 * Paints canvases where they are to stand, without touching the document: every piece is content that a decoration puts
 * before the hole, at a place of its own. Decorations have one line, so that further lines of a canvas, and those of the document that it
 * moves down, are painted over the lines below. The editor has no property for a place; `textDecoration` is passed on to the style sheet
 * as it is.
 */
export class FillPaint implements vscode.Disposable {
  readonly #painted = vscode.window.createTextEditorDecorationType({});
  readonly #hidden = vscode.window.createTextEditorDecorationType({ textDecoration: "none; display: none" });

  /** @param active the hole that the keys act on; @param hints what they do, the longest first */
  show(editor: vscode.TextEditor, views: readonly HoleView[], active: number, hints: readonly string[]): void {
    const { document, options, visibleRanges } = editor;
    const painted = {
      lineAt: (line: number) => document.lineAt(line).text,
      lineCount: document.lineCount,
      tabSize: typeof options.tabSize === "number" ? options.tabSize : 4,
      lastVisibleLine: Math.max(0, ...visibleRanges.map(({ end }) => end.line)),
    };
    const holes = views.map((view) => ({ view, start: document.positionAt(view.hole.start), end: document.positionAt(view.hole.end) }));
    const { contents, hidden, rooms } = fillPainting(painted, holes, active, hints);
    const room = rooms.map(({ anchor, columns }) => ({
      range: at(anchor),
      renderOptions: { after: { contentText: "", textDecoration: `none; display: inline-block; width: ${columns}ch` } },
    }));
    editor.setDecorations(this.#painted, [...contents.map(decorationOf), ...room]);
    editor.setDecorations(this.#hidden, hidden.map(rangeOf));
  }

  clear(editor: vscode.TextEditor): void {
    editor.setDecorations(this.#painted, []);
    editor.setDecorations(this.#hidden, []);
  }

  dispose(): void {
    this.#painted.dispose();
    this.#hidden.dispose();
  }
}

function decorationOf({ anchor, row, isFromAnchor, content }: PlacedContent): vscode.DecorationOptions {
  const { text, column, colors, style, layer } = content;
  const place = `${isFromAnchor ? "margin-left" : "left"}: ${column}ch; z-index: ${layer}`;
  const textDecoration = `none; position: absolute; top: ${row * 100}%; ${place}; ${style}`;
  return { range: at(anchor), renderOptions: { before: { contentText: text, textDecoration, ...themed(colors) } } };
}

const positionOf = ({ line, character }: LinePlace): vscode.Position => new vscode.Position(line, character);
const rangeOf = ({ start, end }: LineRange): vscode.Range => new vscode.Range(positionOf(start), positionOf(end));
const at = (place: LinePlace): vscode.Range => rangeOf({ start: place, end: place });

function themed({ color, background }: CanvasContent["colors"]): vscode.ThemableDecorationAttachmentRenderOptions {
  return { color: new vscode.ThemeColor(color), ...(background !== undefined && { backgroundColor: new vscode.ThemeColor(background) }) };
}
