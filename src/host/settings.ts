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

  async set<K extends SettingKey>(key: K, value: SettingValue<K>): Promise<void> {
    await vscode.workspace.getConfiguration("lacuna").update(key, value, vscode.ConfigurationTarget.Global);
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }
}
