import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import type { EditorRequests } from "../client/editorRequests.js";
import { placeholders, selectedHoles, type Hole } from "../fill/fillHoles.js";
import { ContextKey } from "./contextKey.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import { onCommand } from "./onCommand.js";
import { OpenFill } from "./openFill.js";
import { placeBetween } from "./placeOf.js";
import { isReadOnly } from "./readOnly.js";
import { sayFailure } from "./sayFailure.js";

/** The fill command: canvases that are denoised in place, and the keys that act on them. One fill is open at a time. */
export class FillMiddle implements vscode.Disposable {
  readonly #requests: EditorRequests;
  readonly #commands: vscode.Disposable;
  readonly #hasKeys = new ContextKey("lacuna.filling");
  /** How many fills were begun; the latest counts. */
  #begun = 0;
  #open: OpenFill | undefined;

  constructor(requests: EditorRequests) {
    this.#requests = requests;
    this.#commands = vscode.Disposable.from(
      onCommand("lacuna.fillMiddle", () => this.#begin(holesAtCursors, "")),
      onCommand("lacuna.fillPlaceholders", () => this.#begin(holesOfFile, "There is no placeholder in this file: ___ or TODO: fill.")),
      onCommand("lacuna.fill.accept", () => this.#open?.accept()),
      onCommand("lacuna.fill.discard", () => this.#open?.dismiss()),
      onCommand("lacuna.fill.longer", () => this.#open?.longer()),
      onCommand("lacuna.fill.shorter", () => this.#open?.shorter()),
      onCommand("lacuna.fill.next", () => this.#open?.other(1)),
      onCommand("lacuna.fill.previous", () => this.#open?.other(-1)),
    );
  }

  dispose(): void {
    this.#giveWay();
    this.#commands.dispose();
  }

  /** @returns when every hole is filled, or the fill is over */
  async #begin(holesOf: (editor: vscode.TextEditor) => readonly Hole[], whyNone: string): Promise<void> {
    const begun = this.#giveWay();
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return tell("Open a file and put the cursor where something is missing.");
    const { document } = editor;
    const refusal = documentRefusalOf(document);
    if (refusal !== undefined) return tell(refusal);
    const { version } = document;
    const isLocked = await isReadOnly(document);
    const isSeen = vscode.window.visibleTextEditors.includes(editor);
    // Meanwhile a person may have gone on.
    if (begun !== this.#begun || !isSeen || document.isClosed || document.version !== version) return;
    if (isLocked) return tell("This document cannot be changed: it is read-only.");
    const holes = holesOf(editor);
    if (holes.length === 0) return tell(whyNone);
    const failures: unknown[] = [];
    const open = new OpenFill(editor, this.#hasKeys, {
      text: document.getText(),
      languageId: document.languageId,
      holes,
      maxTokens: this.#requests.maxTokens,
      ask: ({ prefix, suffix }, ...rest) => askTwice(() => this.#requests.fill(placeBetween(document, prefix, suffix), ...rest)),
      onFailure: (error) => failures.push(error),
    });
    this.#open = open;
    await open.start();
    for (const error of failures) sayFailure(error);
    if (failures.length === 0 && open.state === "empty") tell("The models found nothing to put here.");
  }

  /** Ends the fill that is open, and one that is about to be. @returns the number of the one that may begin now */
  #giveWay(): number {
    this.#open?.dismiss();
    this.#begun += 1;
    return this.#begun;
  }
}

/** Asks a second time where the engine is gone: a new one is started, and the person waits. @throws LacunaError */
async function askTwice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LacunaError && isGone(error)) return ask();
    throw error;
  }
}

const isGone = ({ code }: LacunaError): boolean => code === "engineDied" || code === "engineReplaced";

function holesAtCursors({ document, selections }: vscode.TextEditor): readonly Hole[] {
  const ranges = selections.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) }));
  return selectedHoles(document.getText(), ranges);
}

function holesOfFile({ document }: vscode.TextEditor): readonly Hole[] {
  return placeholders(document.getText());
}

function tell(sentence: string): void {
  void vscode.window.showInformationMessage(sentence);
}
