import * as vscode from "vscode";
import type { Acceptances } from "./acceptances.js";
import { ContextKey } from "./contextKey.js";
import { GhostStream } from "./ghostStream.js";
import { reachMilestone } from "./milestones.js";
import { onCommand } from "./onCommand.js";
import { placeOf } from "./placeOf.js";
import type { Presentable } from "../suggest/presentable.js";
import type { Place } from "../protocol/place.js";
import type { Suggester } from "../suggest/suggester.js";
import type { SuggestionStore } from "../suggest/suggestionStore.js";
import { MANUAL_ONLY } from "../suggest/switches.js";
import { typedPlace } from "../suggest/typedPlace.js";

export interface InlineCompletionsOptions {
  /** `publisher.name` of the extension. */
  readonly extensionId: string;
  readonly suggester: Suggester;
  readonly store: SuggestionStore;
  readonly acceptances: Acceptances;
  /** Other texts for a place, for a person who asks for the next one. */
  readonly alternatives: (place: Place, signal: AbortSignal) => Promise<readonly Presentable[]>;
  /** Why nothing is suggested in a document now, whatever its text; undefined when something may be. */
  readonly refusal: (document: vscode.TextDocument, isManual: boolean) => string | undefined;
  /** Called with each reason why nothing was shown. */
  readonly onRefusal: (document: vscode.TextDocument, position: vscode.Position, refusal: string) => void;
  /** Called at each change of text and each request: somebody works. */
  readonly onActivity: () => void;
}

interface Shown {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly place: Place;
  readonly position: vscode.Position;
  readonly selected: vscode.SelectedCompletionInfo | undefined;
  readonly isManual: boolean;
  text: string;
}

/** Ghost text: asked for at the change of the document, shown when the editor asks, grown while text arrives. */
export class InlineCompletions implements vscode.Disposable {
  readonly #options: InlineCompletionsOptions;
  readonly #stream: GhostStream;
  /** While text streams in, Escape must end the stream too: see the key bindings. */
  readonly #isStreaming = new ContextKey("lacuna.streaming");
  readonly #disposables: vscode.Disposable[] = [];
  #shown: Shown | undefined;
  /** Where the cursor goes after what was typed last. */
  #awaited: vscode.Position | undefined;

  constructor(options: InlineCompletionsOptions) {
    this.#options = options;
    this.#stream = new GhostStream({ pattern: "**" }, options.extensionId, (...args) => this.#provide(...args));
    this.#disposables.push(
      this.#stream,
      vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
      vscode.window.onDidChangeActiveTextEditor(() => this.#leave()),
      vscode.window.onDidChangeTextEditorSelection((event) => this.#moved(event)),
      onCommand("lacuna.trigger", () => this.#trigger()),
      onCommand("lacuna.dismiss", () => this.#dismiss()),
      onCommand("lacuna.acceptLine", () => vscode.commands.executeCommand("editor.action.inlineSuggest.acceptNextLine")),
    );
  }

  /** More text has come, or no more will. */
  progressed(): void {
    const shown = this.#shown;
    if (shown === undefined) return;
    if (this.#isLonger(shown)) void this.#stream.grow(() => this.#shown !== undefined && this.#isLonger(this.#shown));
    this.#isStreaming.set(this.#options.suggester.isRunning);
  }

  dispose(): void {
    this.#leave();
    for (const each of this.#disposables) each.dispose();
  }

  /** The work begins here: the editor itself asks only 50 ms later. */
  #changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0 || document !== vscode.window.activeTextEditor?.document) return;
    this.#options.onActivity();
    this.#shown = undefined;
    const offset = this.#isAtCursor(contentChanges) ? typedPlace(contentChanges) : undefined;
    const isRefused = offset === undefined || reason !== undefined || this.#options.refusal(document, false) !== undefined;
    this.#awaited = isRefused ? undefined : document.positionAt(offset);
    if (isRefused) this.#options.suggester.cancel();
    else this.#options.suggester.ask(placeOf(document, offset));
  }

  /**
   * What is typed replaces the selection, or begins or ends at the cursor, and takes lines away only to join them. What a program writes
   * is mostly elsewhere, or around the cursor: a formatter or a pull replaces lines. Changes come before the cursor they move.
   */
  #isAtCursor([{ range, text }]: readonly vscode.TextDocumentContentChangeEvent[]): boolean {
    const selection = vscode.window.activeTextEditor?.selection;
    if (selection?.start.isEqual(range.start) === true && selection.end.isEqual(range.end)) return true;
    if (text !== "" && range.start.line !== range.end.line) return false;
    const cursors = [selection?.isEmpty === true ? selection.active : undefined, this.#awaited];
    return cursors.some((cursor) => cursor !== undefined && (range.start.isEqual(cursor) || range.end.isEqual(cursor)));
  }

  /** A cursor that is put elsewhere wants nothing from where it was. */
  #moved({ textEditor, selections, kind }: vscode.TextEditorSelectionChangeEvent): void {
    if (kind === undefined || textEditor !== vscode.window.activeTextEditor) return;
    const wanted = this.#shown?.position ?? this.#awaited;
    const isThere = selections.length === 1 && wanted?.isEqual(selections[0].active) === true;
    if (wanted !== undefined && !isThere) this.#leave();
  }

  async #provide(
    document: vscode.TextDocument,
    position: vscode.Position,
    { triggerKind, selectedCompletionInfo: selected }: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[] | undefined> {
    if (isSelecting(document)) return undefined;
    const { suggester, onRefusal, onActivity } = this.#options;
    const shown = this.#shownAt(document, position);
    const isGrowth = shown !== undefined;
    const isInvoked = triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const isManual = isInvoked || shown?.isManual === true;
    const refusal = this.#options.refusal(document, isManual);
    const place = selectedPlace(document, position, selected);
    const isKnown = suggester.current(place, isManual) !== undefined;
    if (refusal !== undefined && !(refusal === MANUAL_ONLY && isKnown)) {
      if (refusal !== MANUAL_ONLY) onRefusal(document, position, refusal);
      return undefined;
    }
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      if (!isGrowth) onActivity();
      suggester.ask(place, isManual);
      const first = await suggester.first(place, isManual, abort.signal);
      if (token.isCancellationRequested || first === undefined) return undefined;
      if (typeof first === "string") {
        onRefusal(document, position, first);
        return undefined;
      }
      const next: Shown = { document, version: document.version, place, position, selected, isManual, text: first.text };
      // Whoever asks while a suggestion is shown wants another.
      const others = isInvoked && isGrowth && isKnown && !suggester.isRunning ? await this.#othersAt(place, abort.signal) : [];
      if (token.isCancellationRequested) return undefined;
      this.#shown = next;
      void reachMilestone("lacuna.hasSuggested");
      const { acceptances } = this.#options;
      acceptances.shown({ document, line: position.line, before: document.lineAt(position).text.slice(0, position.character), text: first.text });
      this.#isStreaming.set(suggester.isRunning);
      return [first, ...others.filter(({ text }) => text !== first.text)].map((each) => itemOf(each, next, acceptances));
    } finally {
      listener.dispose();
    }
  }

  #isLonger({ document, version, place, isManual, text }: Shown): boolean {
    if (document.version !== version || vscode.window.activeTextEditor?.document !== document) return false;
    const now = this.#options.suggester.current(place, isManual);
    return now !== undefined && typeof now !== "string" && now.text.length > text.length && now.text.startsWith(text);
  }

  /** By chance, but the same ones each time the next one is asked for. */
  async #othersAt(place: Place, signal: AbortSignal): Promise<readonly Presentable[]> {
    const { store, alternatives } = this.#options;
    const known = store.othersAt(place);
    if (known !== undefined) return known;
    const texts = await alternatives(place, signal);
    if (!signal.aborted) store.putOthers(place, texts);
    return texts;
  }

  #leave(): void {
    this.#shown = undefined;
    this.#awaited = undefined;
    this.#options.suggester.cancel();
    this.#isStreaming.set(false);
  }

  async #trigger(): Promise<void> {
    // Where there was nothing, an engine that died may have been the reason.
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) void vscode.window.showInformationMessage("Open a file and put the cursor where something is missing.");
    if (editor !== undefined && this.#shownAt(editor.document, editor.selection.active) === undefined) this.#stream.renew();
    await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
  }

  /** What is shown at a place of a document as it is now. */
  #shownAt(document: vscode.TextDocument, position: vscode.Position): Shown | undefined {
    const shown = this.#shown;
    return shown?.document === document && shown.version === document.version && shown.position.isEqual(position) ? shown : undefined;
  }

  async #dismiss(): Promise<void> {
    this.#leave();
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
  }
}

/** What is selected would stay beside a text that is accepted. */
function isSelecting(document: vscode.TextDocument): boolean {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document && !editor.selections.every(({ isEmpty }) => isEmpty);
}

/** The place behind the selected item of the suggestion list, as if it had been accepted. */
function selectedPlace(document: vscode.TextDocument, position: vscode.Position, selected: vscode.SelectedCompletionInfo | undefined): Place {
  if (selected === undefined) return placeOf(document, document.offsetAt(position));
  return placeOf(document, document.offsetAt(selected.range.start), document.offsetAt(selected.range.end), selected.text);
}

function itemOf({ text, replaced }: Presentable, { document, position, selected }: Shown, acceptances: Acceptances): vscode.InlineCompletionItem {
  const inserted = (selected?.text ?? "") + (document.eol === vscode.EndOfLine.CRLF ? text.replaceAll("\n", "\r\n") : text);
  const { start, end } = selected?.range ?? new vscode.Range(position, position);
  const from = document.offsetAt(start);
  const counted = acceptances.commandOf(document, { start: from, length: inserted.length, typed: document.offsetAt(position) - from });
  return new vscode.InlineCompletionItem(inserted, new vscode.Range(start, end.translate(0, replaced)), counted);
}
