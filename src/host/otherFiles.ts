import * as vscode from "vscode";
import type { RelatedText } from "../protocol/messages.js";
import { ChoiceAge } from "../related/choiceAge.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import { isLeftOut } from "./leftOut.js";
import { languageFamily } from "../related/languageFamily.js";
import { RecentFiles } from "../related/recentFiles.js";
import { relatedTexts, type OtherFile } from "../related/relatedTexts.js";

const MOST_FILES = 8;
const MOST_UNITS = 100_000;
/** Somebody else's code, and what programs wrote. */
const FOREIGN = /(^|\/)(node_modules|site-packages|bower_components|\.git|\.venv|venv|__pycache__)\/|\.min\.\w+$/;

/** Pieces of other files in hand that have to do with the place of the cursor: chosen rarely, ahead of the requests that carry them. */
export class OtherFiles implements vscode.Disposable {
  readonly #isWanted: () => boolean;
  readonly #recent = new RecentFiles();
  readonly #age = new ChoiceAge();
  readonly #listeners: vscode.Disposable;
  #chosen: { readonly uri: string; readonly texts: Promise<readonly RelatedText[]> } | undefined;

  /** @param isWanted whether other files may be read */
  constructor(isWanted: () => boolean) {
    this.#isWanted = isWanted;
    this.#listeners = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#recent.edited(document.uri.toString());
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#recent.closed(uri.toString())),
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.#see(editors)),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.#look(editor)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.#look(textEditor)),
    );
    this.#see(vscode.window.visibleTextEditors);
    this.#look(vscode.window.activeTextEditor);
  }

  /** What was chosen for a document, the best last; nothing where nothing was. */
  async of(uri: string): Promise<readonly RelatedText[]> {
    return this.#chosen?.uri === uri && this.#isAllowed() ? this.#chosen.texts : [];
  }

  dispose(): void {
    this.#listeners.dispose();
  }

  /** What a folder that is not trusted says is kept out of suggestions for other files. */
  #isAllowed(): boolean {
    return this.#isWanted() && vscode.workspace.isTrusted;
  }

  #see(editors: readonly vscode.TextEditor[]): void {
    for (const { document } of editors) this.#recent.seen(document.uri.toString());
  }

  #look(editor: vscode.TextEditor | undefined): void {
    if (!this.#isAllowed()) return this.#age.forget();
    if (editor === undefined || editor !== vscode.window.activeTextEditor) return;
    const { document, selection } = editor;
    const uri = document.uri.toString();
    this.#recent.seen(uri);
    const isDue = this.#age.isDue({ uri, line: selection.active.line, atMs: performance.now() });
    if (isDue) this.#chosen = { uri, texts: this.#choose(document, document.offsetAt(selection.active)) };
  }

  async #choose(document: vscode.TextDocument, offset: number): Promise<readonly RelatedText[]> {
    if (documentRefusalOf(document) !== undefined) return [];
    const text = document.getText();
    return relatedTexts({ text, offset }, await this.#filesBeside(document));
  }

  async #filesBeside({ uri, languageId }: vscode.TextDocument): Promise<OtherFile[]> {
    const open = new Map(vscode.workspace.textDocuments.map((each) => [each.uri.toString(), each]));
    const found: OtherFile[] = [];
    for (const address of this.#recent.latestFirst) {
      const document = open.get(address);
      if (found.length === MOST_FILES) break;
      if (document === undefined || address === uri.toString() || languageFamily(document.languageId) !== languageFamily(languageId)) continue;
      const text = await textToRead(document);
      if (text !== undefined) found.push({ path: vscode.workspace.asRelativePath(document.uri, false), text });
    }
    return found;
  }
}

/** The text of a file of the workspace, unless it is none of the person's code. */
async function textToRead(document: vscode.TextDocument): Promise<string | undefined> {
  const { uri } = document;
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (folder === undefined || uri.scheme !== folder.uri.scheme || documentRefusalOf(document) !== undefined) return undefined;
  const path = vscode.workspace.asRelativePath(uri, false);
  const text = document.getText();
  if (FOREIGN.test(path) || text.length > MOST_UNITS || text.includes("\0")) return undefined;
  return (await isLeftOut(folder.uri, path)) ? undefined : text;
}
