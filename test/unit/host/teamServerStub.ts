/** As much of the module `vscode` as the team's server needs; a test says what is trusted, and answers what is asked. */

type Listener = (event: { readonly key: string }) => void;

export const state = { trusted: true };
/** What is typed where something is asked; undefined leaves it. */
export const answers = { input: undefined as string | undefined };
/** Everything that was shown or asked, in order. */
export const shown: string[] = [];
let trustListener: (() => void) | undefined;
const registered = new Map<string, () => Promise<void>>();
const secretListeners = new Set<Listener>();
export const kept = new Map<string, string>();

export function trust(): void {
  state.trusted = true;
  trustListener?.();
}

export const secrets = {
  get: async (key: string) => kept.get(key),
  store: async (key: string, value: string) => {
    kept.set(key, value);
    for (const listener of secretListeners) listener({ key });
  },
  delete: async (key: string) => {
    kept.delete(key);
    for (const listener of secretListeners) listener({ key });
  },
  onDidChange: (listener: Listener) => {
    secretListeners.add(listener);
    return { dispose: () => secretListeners.delete(listener) };
  },
};

export const workspace = {
  get isTrusted(): boolean {
    return state.trusted;
  },
  onDidGrantWorkspaceTrust: (listener: () => void) => {
    trustListener = listener;
    return { dispose: () => (trustListener = undefined) };
  },
};
export const window = {
  showInputBox: async ({ prompt, password }: { prompt: string; password: boolean }) => {
    shown.push(`${password ? "hidden" : "open"}: ${prompt}`);
    return answers.input;
  },
  showWarningMessage: async (text: string) => void shown.push(`warning: ${text}`),
};
export const commands = {
  registerCommand: (id: string, run: () => Promise<void>) => {
    registered.set(id, run);
    return { dispose: () => registered.delete(id) };
  },
  executeCommand: async (id: string) => registered.get(id)?.(),
};
export const Disposable = {
  from: (...parts: readonly { dispose(): void }[]) => ({ dispose: () => parts.forEach((part) => part.dispose()) }),
};
