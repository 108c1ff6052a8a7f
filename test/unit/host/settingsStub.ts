/** As much of the module `vscode` as settings need: files of settings that outweigh each other, objects in them entry by entry. */

type Values = Record<string, unknown>;

/** What each file says; the later count more, and nobody writes the last one. */
export const files = { default: {} as Values, user: {} as Values, workspace: {} as Values, remote: {} as Values };
export const said: string[] = [];

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function merged(values: readonly unknown[]): unknown {
  return values.reduce((below, above) => {
    if (above === undefined) return below;
    return isObject(below) && isObject(above) ? { ...below, ...above } : above;
  }, undefined);
}

export const ConfigurationTarget = { Global: 1, Workspace: 2 };
export class EventEmitter {
  readonly event = (): object => ({ dispose: () => {} });
  fire(): void {}
  dispose(): void {}
}
export const workspace = {
  onDidChangeConfiguration: () => ({ dispose: () => {} }),
  getConfiguration: () => ({
    get: (key: string, otherwise: unknown) => merged(Object.values(files).map((file) => file[key])) ?? otherwise,
    inspect: (key: string) => ({ globalValue: files.user[key], workspaceValue: files.workspace[key] }),
    update: async (key: string, value: unknown, target: number): Promise<void> => {
      (target === ConfigurationTarget.Workspace ? files.workspace : files.user)[key] = value;
    },
  }),
};
export const window = {
  activeTextEditor: { document: { languageId: "python" } },
  showWarningMessage: async (sentence: string): Promise<undefined> => void said.push(sentence),
};
const registered = new Map<string, () => unknown>();
export const commands = {
  registerCommand: (id: string, run: () => unknown) => {
    registered.set(id, run);
    return { dispose: () => {} };
  },
  executeCommand: async (id: string): Promise<void> => void (await registered.get(id)?.()),
};
export const Disposable = { from: (...parts: readonly object[]) => parts };
