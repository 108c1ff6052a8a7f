import * as vscode from "vscode";
import type { RelatedText } from "../protocol/messages.js";
import { ChoiceAge } from "../related/choiceAge.js";
import { Definitions } from "./definitions.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import { isSecretFile } from "../suggest/secretFiles.js";
import { isLeftOut } from "./leftOut.js";
import { languageFamily } from "../related/languageFamily.js";
import { RecentFiles } from "../related/recentFiles.js";
import { relatedTexts, type OtherFile } from "../related/relatedTexts.js";

const MOST_FILES = 8;
const MOST_UNITS = 100_000;
/** Somebody else's code, and what programs wrote. */
const FOREIGN = /(^|\/)(node_modules|site-packages|bower_components|\.git|\.venv|venv|__pycache__)\/|\.min\.\w+$/;

/**
 * Pieces of other files that have to do with the place of the cursor, of those in hand and of those that define its names: chosen rarely,
 * ahead of the requests that carry them.
 */
export class OtherFiles implements vscode.Disposable {
  readonly #isWanted: () => boolean;
  readonly #usesDefinitions: () => boolean;
  readonly #recent = new RecentFiles();
  readonly #age = new ChoiceAge();
  readonly #listeners: vscode.Disposable;
  readonly #definitions = new Definitions(fileToRead, () => this.#knowMore());
  #chosen: { readonly uri: string; readonly texts: Promise<readonly RelatedText[]> } | undefined;
  /** Whether a request carries what was chosen. */
  #isCarried = false;

  /** @param isWanted whether other files may be read @param usesDefinitions whether definitions help who writes */
  constructor(isWanted: () => boolean, usesDefinitions: () => boolean) {
    this.#isWanted = isWanted;
    this.#usesDefinitions = usesDefinitions;
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
    if (this.#chosen?.uri !== uri || !this.#isAllowed()) return [];
    this.#isCarried = true;
    return this.#chosen.texts;
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
    if (!isDue) return;
    this.#isCarried = false;
    this.#chosen = { uri, texts: this.#choose(document, document.offsetAt(selection.active)) };
  }

  /** What comes late serves at once where no prompt has been read without it, and else the choice after the next rest. */
  #knowMore(): void {
    if (!this.#isCarried) this.#age.forget();
    this.#age.incomplete();
    if (!this.#isCarried) this.#look(vscode.window.activeTextEditor);
  }

  async #choose(document: vscode.TextDocument, offset: number): Promise<readonly RelatedText[]> {
    if (documentRefusalOf(document) !== undefined) return [];
    const text = document.getText();
    const definitions = this.#usesDefinitions() ? this.#definitions.around(document, offset) : [];
    return relatedTexts({ text, offset }, await this.#filesBeside(document), await definitions);
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
  if (documentRefusalOf(document) !== undefined) return undefined;
  const text = document.getText();
  return (await isToRead(document.uri, text)) ? text : undefined;
}

/** The same for a file that need not be open. */
async function fileToRead(uri: vscode.Uri): Promise<OtherFile | undefined> {
  const path = vscode.workspace.asRelativePath(uri, false);
  const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (open !== undefined) {
    const text = await textToRead(open);
    return text === undefined ? undefined : { path, text };
  }
  if (isSecretFile(uri.path) || FOREIGN.test(path) || vscode.workspace.getWorkspaceFolder(uri) === undefined) return undefined;
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  return (await isToRead(uri, text)) ? { path, text } : undefined;
}

async function isToRead(uri: vscode.Uri, text: string): Promise<boolean> {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (folder === undefined || uri.scheme !== folder.uri.scheme) return false;
  const path = vscode.workspace.asRelativePath(uri, false);
  if (FOREIGN.test(path) || text.length > MOST_UNITS || text.includes("\0")) return false;
  return !(await isLeftOut(folder.uri, path));
}
