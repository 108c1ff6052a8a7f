import * as vscode from "vscode";
import { documentSlice } from "../protocol/documentSlice.js";
import type { Place } from "../protocol/place.js";

/** What stands before and behind a range of a document: in a cell of a notebook, the code of the cells around it too. */
export function placeOf(document: vscode.TextDocument, start: number, end = start): Place {
  const text = document.getText();
  return placeBetween(document, text.slice(0, start), text.slice(end));
}

/** The same for a document that would say something else before and behind the place. */
export function placeBetween(document: vscode.TextDocument, head: string, tail: string): Place {
  const { before, after } = cellsAround(document);
  const start = before.length + head.length;
  const { prefix, suffix } = documentSlice(before + head + tail + after, start, start);
  return { uri: document.uri.toString(), prefix, suffix };
}

function cellsAround(document: vscode.TextDocument): { readonly before: string; readonly after: string } {
  if (document.uri.scheme !== "vscode-notebook-cell") return { before: "", after: "" };
  const notebook = vscode.workspace.notebookDocuments.find((each) => each.getCells().some((cell) => cell.document === document));
  const cells = notebook?.getCells().filter((cell) => cell.document.languageId === document.languageId) ?? [];
  const own = cells.findIndex((cell) => cell.document === document);
  const eol = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const textOf = (cell: vscode.NotebookCell): string => cell.document.getText().replaceAll(/\r?\n/g, eol);
  return {
    before: cells.slice(0, own).map((cell) => textOf(cell) + eol).join(""),
    after: cells.slice(own + 1).map((cell) => eol + textOf(cell)).join(""),
  }; // prettier-ignore
}
