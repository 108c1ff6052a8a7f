/** As much of the module `vscode` as ghost text needs: an editor with one document, whose cursor is at the end of what is typed. */

type Listener<T> = (event: T) => void;

class Emitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(event: T): void {
    for (const listener of this.#listeners) listener(event);
  }
}

interface Disposable {
  dispose(): void;
}

export class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
  isEqual(other: Position): boolean {
    return this.line === other.line && this.character === other.character;
  }
  isAfter(other: Position): boolean {
    return this.line > other.line || (this.line === other.line && this.character > other.character);
  }
  translate(lines: number, characters: number): Position {
    return new Position(this.line + lines, this.character + characters);
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(start: Position, end: Position) {
    this.start = start;
    this.end = end;
  }
  contains(at: Position): boolean {
    return !this.start.isAfter(at) && !at.isAfter(this.end);
  }
}

interface Command {
  readonly command: string;
  readonly arguments: readonly unknown[];
}

export class InlineCompletionItem {
  readonly insertText: string;
  readonly range: Range;
  readonly command: Command;
  constructor(insertText: string, range: Range, command: Command) {
    this.insertText = insertText;
    this.range = range;
    this.command = command;
  }
}

export const InlineCompletionTriggerKind = { Invoke: 0, Automatic: 1 };
export const EndOfLine = { LF: 1, CRLF: 2 };

class Document {
  readonly uri = { scheme: "file", toString: () => "file:///a.py" };
  readonly eol = EndOfLine.LF;
  readonly languageId = "python";
  readonly isClosed = false;
  version = 1;
  /** How often the whole text was read. */
  reads = 0;
  text: string;
  constructor(text: string) {
    this.text = text;
  }
  getText(): string {
    this.reads += 1;
    return this.text;
  }
  lineAt({ line }: Position): { text: string } {
    return { text: this.text.split("\n")[line] };
  }
  positionAt(offset: number): Position {
    const lines = this.text.slice(0, offset).split("\n");
    return new Position(lines.length - 1, lines.at(-1)!.length);
  }
  offsetAt({ line, character }: Position): number {
    const before = this.text.split("\n").slice(0, line);
    return before.reduce((sum, each) => sum + each.length + 1, character);
  }
}

export const document = new Document("");
const editor = {
  document,
  selection: { active: new Position(0, 0), start: new Position(0, 0), end: new Position(0, 0), isEmpty: true },
  selections: [{ isEmpty: true }],
};
const changed = new Emitter<object>();
type Provide = (document: Document, position: Position, context: object, token: object) => Promise<InlineCompletionItem[] | undefined>;
let provide: Provide | undefined;

/** Each answer of the provider: the first item's text, or undefined. */
export const answers: (string | undefined)[] = [];
/** Contexts of the editor, as they were set. */
export const contexts = new Map<string, unknown>();
let latest: InlineCompletionItem | undefined;
const registered = new Map<string, (...args: unknown[]) => unknown>();

/** Accepts the first item of the latest answer whole. */
export function accept(): void {
  const { insertText, range, command } = latest!;
  edit(document.offsetAt(range.start), document.offsetAt(range.end), insertText, true);
  registered.get(command.command)?.(...command.arguments);
}

/** Replaces text as a key, or a program, does; the cursor follows only the key. */
export function edit(start: number, end: number, text: string, isTyped: boolean): void {
  const range = new Range(document.positionAt(start), document.positionAt(end));
  document.text = document.text.slice(0, start) + text + document.text.slice(end);
  document.version += 1;
  changed.fire({ document, contentChanges: [{ range, rangeOffset: start, rangeLength: end - start, text }], reason: undefined });
  if (isTyped) select(start + text.length, start + text.length);
}

/** Selects from one offset to another. */
export function select(start: number, end: number): void {
  editor.selection = { active: document.positionAt(end), start: document.positionAt(start), end: document.positionAt(end), isEmpty: start === end };
}

/** Asks the provider as the editor does a while after a key, and when it is triggered. */
export async function ask(triggerKind = InlineCompletionTriggerKind.Automatic): Promise<void> {
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => {} }) };
  const items = await provide?.(document, editor.selection.active, { triggerKind, selectedCompletionInfo: undefined }, token);
  latest = items?.[0];
  answers.push(latest?.insertText);
}

export const window = {
  activeTextEditor: editor,
  onDidChangeActiveTextEditor: new Emitter<void>().event,
  onDidChangeTextEditorSelection: new Emitter<void>().event,
};
export const workspace = { onDidChangeTextDocument: changed.event, notebookDocuments: [] };
export const languages = {
  registerInlineCompletionItemProvider: (_selector: object, provider: { provideInlineCompletionItems: Provide }): Disposable => {
    provide = provider.provideInlineCompletionItems;
    return { dispose: () => {} };
  },
};
export const commands = {
  registerCommand: (id: string, run: (...args: unknown[]) => unknown): Disposable => {
    registered.set(id, run);
    return { dispose: () => void registered.delete(id) };
  },
  executeCommand: async (id: string, ...args: unknown[]): Promise<void> => {
    if (id === "setContext") contexts.set(args[0] as string, args[1]);
    if (id === "editor.action.inlineSuggest.trigger") await ask();
  },
};
