import * as vscode from "vscode";
import { createRandom, type Random } from "../../../../src/base/random.js";
import { engineProcesses } from "../../editor/engineProcesses.js";
import { isAccepted, isDeletedLeft, isReplaced, isTyped, isTypedClosing, type EditorState } from "./impliedText.js";
import { nextEvent, type SoakEvent } from "./soakEvent.js";

const SOURCES = ["example.py", "canvas.ts", "accept.ts", "lineEnds.ts"];
const SAMPLE_EVERY = 10;
const SETTLE_MS = 10;
const HEARD_LIMIT_MS = 3000;

export interface SoakResult {
  readonly counts: Readonly<Record<string, number>>;
  /** Accepts that changed the document. */
  readonly accepted: number;
  readonly problems: readonly string[];
  /** Resident bytes of the engine, sampled evenly. */
  readonly engineBytes: readonly number[];
  /** The heap in use of the extension host, sampled with it. */
  readonly hostHeapBytes: readonly number[];
}

/** Does what `seed` says to copies of real files, and checks after each event that the document is what the event implies. */
export async function soakRun(events: number, seed: number): Promise<SoakResult> {
  const random = createRandom(seed);
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  const engineBytes: number[] = [];
  const hostHeapBytes: number[] = [];
  let accepted = 0;
  const soaked = new SoakedFile(random, problems);
  try {
    await soaked.openNext();
    for (let index = 0; index < events && problems.length < 10; index += 1) {
      const event = nextEvent(random);
      counts[event.kind] = (counts[event.kind] ?? 0) + 1;
      const isChanged = await soaked.apply(event, index);
      if (isChanged && event.kind.startsWith("accept")) accepted += 1;
      if (index % SAMPLE_EVERY !== 0) continue;
      engineBytes.push(engineProcesses().reduce((sum, row) => sum + row.residentBytes, 0));
      hostHeapBytes.push(process.memoryUsage().heapUsed);
    }
    await soaked.saveAndCompare("the end");
  } finally {
    soaked.dispose();
  }
  return { counts, accepted, problems, engineBytes, hostHeapBytes };
}

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The copy of a real file that is edited now. */
class SoakedFile {
  readonly #random: Random;
  readonly #problems: string[];
  readonly #listener: vscode.Disposable;
  /** Every text that the document has had. */
  #history = new Set<string>();
  #source = "";
  #opened = 0;
  #applying: string | undefined;

  constructor(random: Random, problems: string[]) {
    this.#random = random;
    this.#problems = problems;
    this.#listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0 || document !== vscode.window.activeTextEditor?.document) return;
      this.#history.add(document.getText());
      if (this.#applying === undefined) problems.push(`the document changed between two events: ${JSON.stringify(contentChanges)}`);
    });
  }

  dispose(): void {
    this.#listener.dispose();
  }

  async openNext(): Promise<void> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const name = SOURCES[Math.floor(this.#random.next() * SOURCES.length)];
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, name));
    this.#source = new TextDecoder().decode(bytes);
    this.#opened += 1;
    const copy = vscode.Uri.joinPath(folder.uri, `soak${this.#opened}-${name}`);
    await vscode.workspace.fs.writeFile(copy, bytes);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(copy));
    this.#history = new Set([this.#source]);
  }

  /** What is on the disk after saving is what the extension host believes. */
  async saveAndCompare(when: string): Promise<void> {
    const { document } = this.#editor();
    await document.save();
    const saved = new TextDecoder().decode(await vscode.workspace.fs.readFile(document.uri));
    if (saved !== document.getText()) this.#problems.push(`${when}: the saved file differs from the document`);
  }

  /** @returns whether the document changed */
  async apply(event: SoakEvent, index: number): Promise<boolean> {
    const before = this.#state();
    this.#applying = event.kind;
    const problem = await this.#perform(event, before);
    if (problem !== undefined) {
      const after = this.#state();
      this.#problems.push(`event ${index}, ${JSON.stringify(event)}: ${problem}\n  ${excerpt(before)}\n  ${excerpt(after)}`);
    }
    this.#applying = undefined;
    return this.#state().text !== before.text;
  }

  async #perform(event: SoakEvent, before: EditorState): Promise<string | undefined> {
    switch (event.kind) {
      case "type":
        return this.#type(event);
      case "newline":
        return this.#typeKey("\n");
      case "backspace":
        await run("deleteLeft");
        return (await this.#comesTo((text) => isDeletedLeft(before, text))) ? undefined : "deleting did something else";
      case "accept":
      case "acceptWord":
      case "acceptLine":
        await pause(event.waitMs);
        await run(ACCEPTS[event.kind]);
        return isAccepted(before, await this.#settled()) ? undefined : "accepting did more than adding at the cursor";
      case "fill":
        await this.#fill(event);
        return isFilled(event, before, await this.#settled()) ? undefined : "filling changed what it must not";
      case "undo":
      case "redo":
        await run(event.kind);
        return this.#history.has(await this.#settled()) ? undefined : `${event.kind} led to a text that never was`;
      case "switchFile":
        await this.saveAndCompare("switching files");
        await run("workbench.action.closeActiveEditor");
        await this.openNext();
        return undefined;
      case "move":
        this.#place(event.share, event.column, 0);
        break;
      case "select":
        this.#place(event.share, 0, event.characters);
        break;
      case "escape":
        await run("lacuna.dismiss");
        break;
      case "trigger":
        await run("editor.action.inlineSuggest.trigger");
        break;
    }
    return (await this.#settled()) === before.text ? undefined : "the document changed";
  }

  /** Types a piece of the real file, key by key. */
  async #type({ share, characters, pauseMs }: SoakEvent & { kind: "type" }): Promise<string | undefined> {
    const from = Math.floor(share * this.#source.length);
    for (const character of this.#source.slice(from, from + characters)) {
      const problem = await this.#typeKey(character);
      if (problem !== undefined) return problem;
      await pause(pauseMs);
    }
    return undefined;
  }

  async #typeKey(character: string): Promise<string | undefined> {
    const before = this.#state();
    await run("type", { text: character });
    const isTypedAt = (text: string, cursor: number): boolean => isTyped(before, character, text) && cursor === before.start + 1;
    const isExpected = await this.#comesTo((text, cursor) => isTypedAt(text, cursor) || isTypedClosing(before, character, text));
    return isExpected ? undefined : `typing ${JSON.stringify(character)} did something else`;
  }

  /** A command can end before the extension host has heard of what it did. */
  async #comesTo(condition: (text: string, cursor: number) => boolean): Promise<boolean> {
    const end = performance.now() + HEARD_LIMIT_MS;
    for (;;) {
      const { text, end: cursor } = this.#state();
      if (condition(text, cursor)) return true;
      if (performance.now() > end) return false;
      await pause(1);
    }
  }

  /** The text once it and the selection have stayed the same while the editor answered a question. */
  async #settled(): Promise<string> {
    for (let last = this.#state(); ;) {
      // What the editor has to say of the document and the selection comes before its answer.
      await run("setContext", "lacuna.soak", true);
      await pause(SETTLE_MS);
      const now = this.#state();
      if (now.text === last.text && now.start === last.start && now.end === last.end) return now.text;
      last = now;
    }
  }

  async #fill({ waitMs, isAccepted: isWanted }: SoakEvent & { kind: "fill" }): Promise<void> {
    const filled = run("lacuna.fillMiddle");
    await pause(waitMs);
    await run(isWanted ? "lacuna.fill.accept" : "lacuna.fill.discard");
    await filled;
  }

  #place(share: number, column: number, characters: number): void {
    const editor = this.#editor();
    const { document } = editor;
    const start = document.lineAt(Math.floor(share * document.lineCount)).range;
    const anchor = start.start.translate(0, Math.floor(column * (start.end.character + 1)));
    editor.selection = new vscode.Selection(anchor, document.positionAt(document.offsetAt(anchor) + characters));
  }

  #editor(): vscode.TextEditor {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) throw new Error("There is no editor to type into");
    return editor;
  }

  #state(): EditorState {
    const { document, selection } = this.#editor();
    return { text: document.getText(), start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) };
  }
}

const ACCEPTS = {
  accept: "editor.action.inlineSuggest.commit",
  acceptWord: "editor.action.inlineSuggest.acceptNextWord",
  acceptLine: "editor.action.inlineSuggest.acceptNextLine",
};

/** A fill that is discarded leaves everything as it was; one that is accepted may not have come that far. */
function isFilled({ isAccepted: isWanted }: SoakEvent & { kind: "fill" }, before: EditorState, text: string): boolean {
  return text === before.text || (isWanted && isReplaced(before, text));
}

function excerpt({ text, start, end }: EditorState): string {
  return JSON.stringify(`${text.slice(Math.max(0, start - 60), start)}|${text.slice(start, end)}|${text.slice(end, end + 60)}`);
}
