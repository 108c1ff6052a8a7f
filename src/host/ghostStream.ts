import * as vscode from "vscode";

const TRIGGER = "editor.action.inlineSuggest.trigger";

/**
 * Registers a provider of inline completions such that the text on screen can grow.
 *
 * The stable API has no way to say that there is more text. The editor asks again at the same place only when the list
 * of providers has changed, and keeps what is on screen until the answer if it was asked without `explicit`: so the
 * provider is registered anew and then triggered. One step at a time; each pays the editor's own delay of 50 ms.
 */
export class GhostStream implements vscode.Disposable {
  readonly #selector: vscode.DocumentSelector;
  readonly #provide: vscode.InlineCompletionItemProvider["provideInlineCompletionItems"];
  readonly #providerId: string;
  #registration: vscode.Disposable;
  #isGrowing = false;
  #isAsked = false;

  /** @param extensionId `publisher.name`, by which the editor names the provider */
  constructor(selector: vscode.DocumentSelector, extensionId: string, provide: vscode.InlineCompletionItemProvider["provideInlineCompletionItems"]) {
    this.#selector = selector;
    this.#providerId = `${extensionId}:*`;
    this.#provide = provide;
    this.#registration = this.#register();
  }

  /** Makes the editor ask again. @param isWanted asked before each step */
  async grow(isWanted: () => boolean): Promise<void> {
    this.#isAsked = true;
    if (this.#isGrowing) return;
    this.#isGrowing = true;
    try {
      while (this.#isAsked && isWanted()) {
        this.#isAsked = false;
        this.renew();
        await vscode.commands.executeCommand(TRIGGER, { explicit: false, providerId: this.#providerId });
      }
    } finally {
      this.#isGrowing = false;
      this.#isAsked = false;
    }
  }

  /** Makes the editor forget that it asked at a place, and that there was nothing. */
  renew(): void {
    const old = this.#registration;
    this.#registration = this.#register();
    old.dispose();
  }

  dispose(): void {
    this.#registration.dispose();
  }

  #register(): vscode.Disposable {
    return vscode.languages.registerInlineCompletionItemProvider(this.#selector, { provideInlineCompletionItems: this.#provide });
  }
}
