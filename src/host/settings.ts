import * as vscode from "vscode";
import { SETTINGS, type SettingKey, type SettingValue } from "../contributions/settingsTable.js";

const SHOWS_SUGGESTIONS = "editor.inlineSuggest.enabled";

/** The settings as they are now. Nothing else reads configuration. */
export class Settings implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<readonly SettingKey[]>();
  readonly #listener: vscode.Disposable;
  /** Fires with the keys whose values changed; with none when the editor's own setting did. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#listener = vscode.workspace.onDidChangeConfiguration((event) => {
      const keys = (Object.keys(SETTINGS) as SettingKey[]).filter((key) => event.affectsConfiguration(`lacuna.${key}`));
      if (keys.length > 0 || event.affectsConfiguration(SHOWS_SUGGESTIONS)) this.#changed.fire(keys);
    });
  }

  get<K extends SettingKey>(key: K): SettingValue<K> {
    const entry = SETTINGS[key] as { readonly default: unknown; readonly range?: readonly [number, number]; readonly choices?: object };
    const value = vscode.workspace.getConfiguration("lacuna").get<unknown>(key, entry.default);
    // A settings file can hold anything.
    if (typeof value !== typeof entry.default || value === null) return entry.default as SettingValue<K>;
    if (entry.choices !== undefined && !((value as string) in entry.choices)) return entry.default as SettingValue<K>;
    if (entry.range === undefined) return value as SettingValue<K>;
    return Math.min(entry.range[1], Math.max(entry.range[0], value as number)) as SettingValue<K>;
  }

  /** Whether suggestions are wanted in documents of this language. */
  isLanguageOn(languageId: string): boolean {
    const languages = this.get("languages");
    return languages[languageId] ?? languages["*"] ?? true;
  }

  /** Whether the editor shows suggestions in a document unless a person asks for one. */
  areSuggestionsShown(document: vscode.TextDocument): boolean {
    return vscode.workspace.getConfiguration(undefined, document).get(SHOWS_SUGGESTIONS, true);
  }

  /** Sets a value where the one that counts comes from: in the workspace's settings if they have one, else in the person's. */
  async set<K extends SettingKey>(key: K, value: SettingValue<K>): Promise<void> {
    await update(key, value, scopesOf(key).workspaceValue !== undefined);
    if (this.get(key) !== value) tellOutweighed(key);
  }

  /** Switches suggestions on or off in a language, where the entry that counts comes from; all other entries stay as and where they are. */
  async setLanguage(languageId: string, isOn: boolean): Promise<void> {
    const { globalValue, workspaceValue } = scopesOf("languages");
    const isOfWorkspace = Object.hasOwn(entriesOf(workspaceValue), languageId);
    const own = entriesOf(isOfWorkspace ? workspaceValue : globalValue);
    await update("languages", { ...own, [languageId]: isOn }, isOfWorkspace);
    if (this.isLanguageOn(languageId) !== isOn) tellOutweighed("languages");
  }

  /** Takes a value of the person's out of their settings. */
  async reset(key: SettingKey): Promise<void> {
    await update(key, undefined, false);
  }

  /** Whether anybody has given a setting a value. */
  isGiven(key: SettingKey): boolean {
    const { globalValue, workspaceValue } = scopesOf(key);
    return globalValue !== undefined || workspaceValue !== undefined;
  }

  /** What the editor knows of the way to the network, as variables for a program that is no part of it. */
  networkVariables(): Record<string, string> {
    const http = vscode.workspace.getConfiguration("http");
    const proxy = http.get("proxy", "");
    const around = http.get<readonly string[]>("noProxy", []);
    return {
      ...(http.get("systemCertificates", true) && { NODE_USE_SYSTEM_CA: "1" }),
      ...(proxy !== "" && { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }),
      ...(around.length > 0 && { NO_PROXY: around.join(",") }),
    };
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }
}

/**
 * What each file of settings says by itself; undefined where it says nothing. No setting can be one of a folder among several, or of a
 * language: see their scopes in package.json.
 */
function scopesOf(key: SettingKey): { readonly globalValue?: unknown; readonly workspaceValue?: unknown } {
  return vscode.workspace.getConfiguration("lacuna").inspect(key) ?? {};
}

/** A settings file can hold anything. */
function entriesOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

async function update(key: SettingKey, value: unknown, isOfWorkspace: boolean): Promise<void> {
  const { Global, Workspace } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration("lacuna").update(key, value, isOfWorkspace ? Workspace : Global);
}

function tellOutweighed(key: SettingKey): void {
  const sentence = `lacuna.${key} was set, without effect: settings that cannot be written from here count more, such as those of a remote machine.`;
  void vscode.window.showWarningMessage(sentence, "Open Settings").then((choice) => {
    if (choice === "Open Settings") void vscode.commands.executeCommand("workbench.action.openSettings", `lacuna.${key}`);
  });
}
