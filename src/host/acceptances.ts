import * as vscode from "vscode";
import { onCommand } from "./onCommand.js";
import { WatchedText } from "../measure/watchedText.js";

const LOOKED_AT_AGAIN_MS = 60_000;
const LOOKING_AFTER = 50;

/** A suggestion as it appears. */
export interface Appearance {
  readonly document: vscode.TextDocument;
  readonly line: number;
  /** The line up to the cursor, and what is suggested behind it. */
  readonly before: string;
  readonly text: string;
}

/** Where a text stands once it is accepted, and how much of it was typed already. */
export interface AcceptedPlace {
  readonly start: number;
  readonly length: number;
  readonly typed: number;
}

export interface AcceptancesOptions {
  readonly onShown: (document: vscode.TextDocument) => void;
  /** @param characters of the text that was not typed */
  readonly onAccepted: (document: vscode.TextDocument, characters: number) => void;
  /** A minute after it was accepted. */
  readonly onJudged: (document: vscode.TextDocument, isWhole: boolean) => void;
}

interface Watched {
  readonly document: vscode.TextDocument;
  readonly text: WatchedText;
  readonly timer: NodeJS.Timeout;
}

/** Counts what becomes of suggestions, without keeping them: an accepted text is watched by its place. */
export class Acceptances implements vscode.Disposable {
  readonly #options: AcceptancesOptions;
  readonly #disposables: vscode.Disposable[] = [];
  #latest: Appearance | undefined;
  #watched: readonly Watched[] = [];

  constructor(options: AcceptancesOptions) {
    this.#options = options;
    this.#disposables.push(
      onCommand("lacuna.accepted", (document, place) => this.#accepted(document as vscode.TextDocument, place as AcceptedPlace)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        for (const each of this.#watched) if (each.document === document) each.text.change(contentChanges);
      }),
    );
  }

  /** Something is shown: the same again, typed along with or grown, counts once. */
  shown(now: Appearance): void {
    const latest = this.#latest;
    this.#latest = now;
    if (latest?.document === now.document && latest.line === now.line) {
      const [old, whole] = [latest, now].map(({ before, text }) => before + text);
      if (old.startsWith(whole) || whole.startsWith(old)) return;
    }
    this.#options.onShown(now.document);
  }

  /** What the editor is to call when an item is accepted whole. */
  commandOf(document: vscode.TextDocument, place: AcceptedPlace): vscode.Command {
    return { command: "lacuna.accepted", title: "", arguments: [document, place] };
  }

  dispose(): void {
    for (const { timer } of this.#watched) clearTimeout(timer);
    for (const each of this.#disposables) each.dispose();
  }

  #accepted(document: vscode.TextDocument, { start, length, typed }: AcceptedPlace): void {
    this.#latest = undefined;
    this.#options.onAccepted(document, length - typed);
    const timer = setTimeout(() => {
      this.#watched = this.#watched.filter((each) => each !== watched);
      if (!document.isClosed) this.#options.onJudged(document, watched.text.isWhole);
    }, LOOKED_AT_AGAIN_MS);
    const watched: Watched = { document, text: new WatchedText(start, length), timer: timer.unref() };
    this.#watched = [...this.#watched, watched].slice(-LOOKING_AFTER);
  }
}
