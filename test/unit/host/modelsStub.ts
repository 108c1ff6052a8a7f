/** As much of the module `vscode` as the list of models and the offer of a better one need; a test answers what is asked. */

interface Item {
  readonly label: string;
  readonly row?: object;
  readonly buttons?: readonly unknown[];
}

type Listener = (event: unknown) => void;

/** What a test answers: by the text of a question, the button; by the label of an item, the item. */
export const answers = {
  /** Labels to accept in the list, in turn; one that begins with `-` has its last button pressed, with `+` its first. "" leaves the list. */
  picks: [] as string[],
  /** The button for each question that contains the text. */
  buttons: new Map<string, string>(),
  file: undefined as string | undefined,
};
/** Everything that was shown, in order. */
export const shown: string[] = [];
export const state = { trusted: true, focused: true };
const executed: string[] = [];
/** Contexts of the editor, as they were set. */
export const contexts = new Map<string, unknown>();
export const ran = executed;

class QuickPick {
  title = "";
  placeholder = "";
  busy = false;
  matchOnDescription = false;
  matchOnDetail = false;
  selectedItems: readonly Item[] = [];
  readonly #listeners = new Map<string, Listener>();
  #items: readonly Item[] = [];

  get items(): readonly Item[] {
    return this.#items;
  }
  set items(items: readonly Item[]) {
    this.#items = items;
    shown.push(...items.map(({ label }) => `item: ${label}`));
    const wanted = answers.picks.shift() ?? "";
    const item = items.find(({ label }) => wanted !== "" && label.includes(wanted.replace(/^[-+]/, "")));
    queueMicrotask(() => {
      if (item === undefined) this.#listeners.get("hide")?.(undefined);
      else if (/^[-+]/.test(wanted)) this.#listeners.get("button")?.({ item, button: item.buttons?.at(wanted.startsWith("-") ? -1 : 0) });
      else {
        this.selectedItems = [item];
        this.#listeners.get("accept")?.(undefined);
      }
    });
  }
  onDidHide = (listener: Listener): void => void this.#listeners.set("hide", listener);
  onDidAccept = (listener: Listener): void => void this.#listeners.set("accept", listener);
  onDidTriggerItemButton = (listener: Listener): void => void this.#listeners.set("button", listener);
  show(): void {}
  dispose(): void {}
}

const message =
  (kind: string) =>
  async (text: string, ...rest: unknown[]): Promise<string | undefined> => {
    const detail = rest.map((each) => (typeof each === "object" ? ((each as { detail?: string }).detail ?? "") : "")).join("");
    shown.push(`${kind}: ${text}`, ...(detail === "" ? [] : [`detail: ${detail}`]));
    const [, button] = [...answers.buttons].find(([part]) => text.includes(part)) ?? [];
    if (button !== undefined && !rest.includes(button)) throw new Error(`${text} has no button ${button}`);
    return button;
  };

export class ThemeIcon {}
export const QuickPickItemKind = { Separator: -1 };
export const window = {
  state,
  createQuickPick: () => new QuickPick(),
  showInformationMessage: message("information"),
  showWarningMessage: message("warning"),
  showErrorMessage: message("error"),
  showOpenDialog: async () => (answers.file === undefined ? undefined : [{ fsPath: answers.file }]),
  setStatusBarMessage: (text: string) => void shown.push(`status: ${text}`),
};
export const workspace = {
  get isTrusted(): boolean {
    return state.trusted;
  },
};
const registered = new Map<string, () => Promise<void>>();
export const commands = {
  registerCommand: (id: string, run: () => Promise<void>) => {
    registered.set(id, run);
    return { dispose: () => {} };
  },
  executeCommand: async (id: string, ...args: unknown[]): Promise<void> => {
    executed.push(id);
    if (id === "setContext") contexts.set(args[0] as string, args[1]);
    await registered.get(id)?.();
  },
};
