import * as vscode from "vscode";
import { placeOf } from "./placeOf.js";
import type { Place } from "../protocol/place.js";
import type { ReadingAhead } from "../suggest/readingAhead.js";

export interface ReadAheadOptions {
  readonly reading: ReadingAhead;
  /** Whether the engine has nothing else to do, and need not be started for this. */
  readonly isIdle: () => boolean;
  /** Why nothing would be suggested in a document; undefined when something may be. */
  readonly refusal: (document: vscode.TextDocument) => string | undefined;
  /** Whether something may be shown at a place, whatever the text. */
  readonly isOpen: (place: Place) => boolean;
}

/** Reads ahead where somebody may type next: after a jump of the cursor, in another tab, after a save. */
export class ReadAhead implements vscode.Disposable {
  readonly #options: ReadAheadOptions;
  readonly #listeners: vscode.Disposable;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
    const { reading } = options;
    const isInFront = (document: vscode.TextDocument): boolean => document === vscode.window.activeTextEditor?.document;
    this.#listeners = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(() => this.#look()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (isInFront(textEditor.document)) this.#look();
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (isInFront(document)) this.#look();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isInFront(document)) reading.stop();
      }),
    );
  }

  dispose(): void {
    this.#listeners.dispose();
    this.#options.reading.stop();
  }

  #look(): void {
    void this.#options.reading.moved(() => this.#placeThere());
  }

  #placeThere(): Place | undefined {
    const { isIdle, refusal, isOpen } = this.#options;
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || !isIdle() || editor.selections.length > 1 || !editor.selection.isEmpty) return undefined;
    const { document, selection } = editor;
    if (refusal(document) !== undefined) return undefined;
    const place = placeOf(document, document.offsetAt(selection.active));
    return isOpen(place) ? place : undefined;
  }
}
