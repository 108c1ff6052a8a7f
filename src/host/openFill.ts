import * as vscode from "vscode";
import type { ContextKey } from "./contextKey.js";
import { FillPaint } from "./fillPaint.js";
import { FillSession, type FilledHole, type FillSessionOptions, type FillState } from "../fill/fillSession.js";
import { reachMilestone } from "./milestones.js";
import { isUnencodable } from "./unencodable.js";

const NOTE_MS = 4000;

/** A fill in an editor: shown there until it is accepted or dismissed. The document is changed by accepting alone. */
export class OpenFill {
  readonly #editor: vscode.TextEditor;
  readonly #session: FillSession;
  readonly #paint = new FillPaint();
  readonly #parts: vscode.Disposable;
  readonly #hasKeys: ContextKey;

  /** @param hasKeys whether the keys act on a fill: true while this one is open and in front */
  constructor(editor: vscode.TextEditor, hasKeys: ContextKey, options: FillSessionOptions) {
    this.#editor = editor;
    this.#hasKeys = hasKeys;
    this.#session = new FillSession({ ...options, onChange: () => this.#changed(), onNothingNew: note });
    const { document } = editor;
    this.#parts = vscode.Disposable.from(
      this.#paint,
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length > 0) this.dismiss();
      }),
      vscode.window.onDidChangeVisibleTextEditors((visible) => {
        if (!visible.includes(editor)) this.dismiss();
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        if (textEditor === editor) this.#changed();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => this.#changed()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === editor) this.#changed();
      }),
    );
  }

  get state(): FillState {
    return this.#session.state;
  }

  /** @returns when every hole is filled, or the fill is over */
  async start(): Promise<void> {
    const start = this.#editor.document.positionAt(this.#session.views[0].hole.start);
    this.#editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    void vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
    const filled = this.#session.start();
    vscode.window.setStatusBarMessage("$(loading~spin) Lacuna: filling in", filled);
    await filled;
  }

  dismiss(): void {
    this.#session.dismiss();
  }

  /** Puts the texts into the document as one undoable edit; waits for those that are still being filled. */
  async accept(): Promise<void> {
    await this.#session.whole;
    const { document } = this.#editor;
    const whole = this.#session.fills.map(({ text }) => text).join("\n");
    const isLossy = await isUnencodable(document, whole);
    // From here on the change of the document is this one's own.
    const fills = this.#session.accept().map(({ hole, text }) => ({ hole, text: withLineEnds(text, document.eol) }));
    if (fills.length === 0) return;
    if (isLossy) return void offerCopy(`The file's encoding, ${document.encoding}, lacks characters of this text; nothing was inserted.`, whole);
    const ranges = fills.map(({ hole }) => new vscode.Range(document.positionAt(hole.start), document.positionAt(hole.end)));
    const { version } = document;
    const isTaken = await this.#editor.edit((edit) => fills.forEach(({ text }, index) => edit.replace(ranges[index], text)));
    // An editor that is read-only says that it took the text, and does nothing.
    if (!isTaken || document.version === version) {
      return void offerCopy("The editor did not take the text: the document is read-only or changed just now.", whole);
    }
    void reachMilestone("lacuna.hasFilled");
    this.#editor.selections = endsOf(fills).map((offset) => {
      const end = document.positionAt(offset);
      return new vscode.Selection(end, end);
    });
  }

  longer(): void {
    note(this.#session.longer(this.#active));
  }

  shorter(): void {
    note(this.#session.shorter(this.#active));
  }

  other(step: 1 | -1): void {
    this.#session.other(this.#active, step);
  }

  /** The hole that the keys act on: the one nearest to the cursor. */
  get #active(): number {
    const cursor = this.#editor.document.offsetAt(this.#editor.selection.active);
    const distances = this.#session.views.map(({ hole: { start, end } }) => Math.max(start - cursor, cursor - end, 0));
    return distances.indexOf(Math.min(...distances));
  }

  #changed(): void {
    this.#hasKeys.set(this.#session.isOpen && vscode.window.activeTextEditor === this.#editor);
    if (this.#session.isOpen) {
      const active = this.#active;
      this.#paint.show(this.#editor, this.#session.views, active, hintsOf(this.#session, active));
    } else if (this.#session.state !== "idle") {
      this.#parts.dispose();
    }
  }
}

/** What the keys do, the longest way to say it first. */
function hintsOf({ state, views }: FillSession, active: number): readonly string[] {
  if (state === "filling") return ["filling in · Esc drop", "Esc"];
  const [which, count] = views[active].place;
  const shown = count > 1 ? ` ${which}/${count}` : "";
  return [`Tab keep · Esc drop · Alt+=/- longer/shorter · Alt+] next${shown}`, `Tab keep · Esc drop · Alt+] next${shown}`, `Tab keep${shown}`];
}

/** Offsets behind the texts once they stand in the document. */
function endsOf(fills: readonly FilledHole[]): number[] {
  let shift = 0;
  return fills.map(({ hole: { start, end }, text }) => {
    shift += text.length - (end - start);
    return end + shift;
  });
}

function withLineEnds(text: string, eol: vscode.EndOfLine): string {
  return text.replaceAll(/\r?\n/g, eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n");
}

function note(why: string | undefined): void {
  if (why !== undefined) vscode.window.setStatusBarMessage(`Lacuna: ${why}`, NOTE_MS);
}

async function offerCopy(sentence: string, text: string): Promise<void> {
  if ((await vscode.window.showWarningMessage(sentence, "Copy Text")) === "Copy Text") await vscode.env.clipboard.writeText(text);
}
