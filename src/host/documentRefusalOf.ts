import * as vscode from "vscode";
import { documentRefusal } from "../suggest/documentRefusal.js";

/** Why a document gets no suggestions where it is open now; undefined when it may have some. */
export function documentRefusalOf(document: vscode.TextDocument): string | undefined {
  const { uri, languageId, lineCount } = document;
  // The last line's end is the length, without copying a large text.
  const length = document.offsetAt(document.lineAt(lineCount - 1).range.end);
  const isWritable = vscode.workspace.fs.isWritableFileSystem(uri.scheme);
  return documentRefusal({ scheme: uri.scheme, isWritable, path: uri.path, languageId, lineCount, length }) ?? comparisonOf(document);
}

/** The right side of a comparison is the file itself; only its tab tells. */
function comparisonOf({ uri }: vscode.TextDocument): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isCompared = input instanceof vscode.TabInputTextDiff && [input.original, input.modified].some((each) => each.toString() === uri.toString());
  return isCompared ? "Nothing is suggested in comparisons." : undefined;
}
