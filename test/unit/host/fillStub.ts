/** As much of the module `vscode` as a fill needs: an editor whose file says whether it may be written when a test lets it. */
import { document, Range, window as ghostWindow, workspace as ghostWorkspace } from "./editorStub.js";

export { document, edit, EndOfLine, Position, Range } from "./editorStub.js";

/** What is painted: decoration types that were made and not taken away. */
export const painted = new Set<object>();
/** Lets the files say, in turn, that they may be written. */
export const looks: (() => void)[] = [];
/** Contexts of the editor, as they were set. */
export const contexts = new Map<string, unknown>();
export const said: string[] = [];

const never = { dispose: () => {} };
const onNever = (): typeof never => never;

Object.assign(document, {
  uri: { scheme: "file", path: "/a.py", toString: () => "file:///a.py" },
  isUntitled: false,
  lineCount: 1,
  lineAt: () => ({ text: document.text, range: new Range(document.positionAt(0), document.positionAt(document.text.length)) }),
});
export const editor = Object.assign(ghostWindow.activeTextEditor, {
  selections: [ghostWindow.activeTextEditor.selection],
  options: {},
  visibleRanges: [],
  setDecorations: () => {},
  revealRange: () => {},
});

export class ThemeColor {}
export class TabInputTextDiff {}
export const TextEditorRevealType = { InCenterIfOutsideViewport: 0 };
export const FilePermission = { Readonly: 1 };
export const Disposable = {
  from: (...parts: { dispose(): void }[]) => ({ dispose: () => parts.forEach((part) => part.dispose()) }),
};
export const window = {
  activeTextEditor: editor,
  visibleTextEditors: [editor],
  tabGroups: { activeTabGroup: {} },
  ...{ onDidChangeVisibleTextEditors: onNever, onDidChangeTextEditorVisibleRanges: onNever },
  ...{ onDidChangeActiveTextEditor: onNever, onDidChangeTextEditorSelection: onNever },
  createTextEditorDecorationType: () => {
    const type = { dispose: () => void painted.delete(type) };
    painted.add(type);
    return type;
  },
  setStatusBarMessage: () => never,
  showInformationMessage: async (sentence: string): Promise<undefined> => void said.push(sentence),
};
export const workspace = {
  ...ghostWorkspace,
  fs: {
    isWritableFileSystem: () => true,
    stat: () => new Promise((resolve) => looks.push(() => resolve({}))),
  },
};
const registered = new Map<string, () => unknown>();
export const commands = {
  registerCommand: (id: string, run: () => unknown) => {
    registered.set(id, run);
    return { dispose: () => void registered.delete(id) };
  },
  executeCommand: async (id: string, ...args: unknown[]): Promise<void> => {
    if (id === "setContext") contexts.set(args[0] as string, args[1]);
    await registered.get(id)?.();
  },
};
