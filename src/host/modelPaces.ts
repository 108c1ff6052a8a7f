import type * as vscode from "vscode";
import type { ModelPace } from "../measure/modelPace.js";

const KEY = "lacuna.modelPaces";

/** How soon text of each model came here, as it was measured last by this version. */
export class ModelPaces {
  readonly #memory: vscode.Memento;
  readonly #version: string;

  constructor(memory: vscode.Memento, version: string) {
    this.#memory = memory;
    this.#version = version;
  }

  /** @param folder of the models */
  of(folder: string): ModelPace | undefined {
    return this.#all[folder];
  }

  async put(folder: string, pace: ModelPace): Promise<void> {
    await this.#memory.update(KEY, { version: this.#version, paces: { ...this.#all, [folder]: pace } });
  }

  /** What another version measured says nothing of this one. */
  get #all(): Readonly<Record<string, ModelPace>> {
    const kept = this.#memory.get<{ readonly version: string; readonly paces: Readonly<Record<string, ModelPace>> }>(KEY);
    return kept?.version === this.#version ? kept.paces : {};
  }
}
