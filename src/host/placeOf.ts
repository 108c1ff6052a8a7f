import * as vscode from "vscode";
import { documentSlice } from "../protocol/documentSlice.js";
import type { Place } from "../protocol/place.js";

interface MadePlace {
  /** What the place was made of. */
  readonly source: string;
  readonly place: Place;
}

/** The place that was made last in each document: keys, providers and streams ask for the same one again and again. */
const latest = new WeakMap<vscode.TextDocument, MadePlace>();

/**
 * What stands before and behind a range of a document: in a cell of a notebook, the code of the cells around it too. Made once for
 * a version of the document and a range.
 *
 * @param instead text that would stand in the place of the range, before the place
 */
export function placeOf(document: vscode.TextDocument, start: number, end = start, instead = ""): Place {
  const source = JSON.stringify([document.languageId, versionsOf(document), start, end, instead]);
  const known = latest.get(document);
  if (known?.source === source) return known.place;
  const text = document.getText();
  const place = placeBetween(document, text.slice(0, start) + instead, text.slice(end));
  latest.set(document, { source, place });
  return place;
}

/** The versions of all that a place in a document is made of. */
function versionsOf(document: vscode.TextDocument): unknown {
  const cells = notebookOf(document)?.getCells() ?? [];
  return [document.version, ...cells.map(({ document: { uri, version, languageId } }) => [uri.fragment, version, languageId])];
}

/** The same for a document that would say something else before and behind the place. */
export function placeBetween(document: vscode.TextDocument, head: string, tail: string): Place {
  const { before, after } = cellsAround(document);
  const start = before.length + head.length;
  const { prefix, suffix } = documentSlice(before + head + tail + after, start, start);
  return { uri: document.uri.toString(), languageId: document.languageId, prefix, suffix };
}

function cellsAround(document: vscode.TextDocument): { readonly before: string; readonly after: string } {
  const notebook = notebookOf(document);
  if (notebook === undefined) return { before: "", after: "" };
  const cells = notebook.getCells().filter((cell) => cell.document.languageId === document.languageId);
  const own = cells.findIndex((cell) => cell.document === document);
  const eol = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const textOf = (cell: vscode.NotebookCell): string => cell.document.getText().replaceAll(/\r?\n/g, eol);
  return {
    before: cells.slice(0, own).map((cell) => textOf(cell) + eol).join(""),
    after: cells.slice(own + 1).map((cell) => eol + textOf(cell)).join(""),
  }; // prettier-ignore
}

function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== "vscode-notebook-cell") return undefined;
  return vscode.workspace.notebookDocuments.find((each) => each.getCells().some((cell) => cell.document === document));
}
