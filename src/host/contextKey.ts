import * as vscode from "vscode";

/**
 * A key that `when` clauses ask for. It is made at activation and tells the editor at once: the window keeps what an extension host said
 * that has crashed since, and key bindings would go on to act on what is gone.
 */
export class ContextKey {
  readonly #name: string;
  #value: boolean;

  constructor(name: string, value = false) {
    this.#name = name;
    this.#value = value;
    this.#tell();
  }

  set(value: boolean): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#tell();
  }

  #tell(): void {
    void vscode.commands.executeCommand("setContext", this.#name, this.#value);
  }
}
