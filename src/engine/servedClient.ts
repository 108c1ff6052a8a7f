import type { MessageConnection } from "vscode-jsonrpc/node";
import type { LoadParams } from "../protocol/messages.js";
import type { Pair } from "./models/pair.js";
import { Completer } from "./serve/completer.js";
import type { CommonSources } from "./serve/learningSources.js";

/** The models of an engine, and what requests have learned about them. */
export interface Loaded {
  readonly params: LoadParams;
  readonly pair: Pair;
  readonly learned: CommonSources;
}

/** One who asks: the process that started the engine, or a window among several. */
export class ServedClient {
  readonly connection: MessageConnection;
  /** Nobody waits for its answers any more. */
  isGone = false;
  readonly #completers = new WeakMap<Loaded, Completer>();

  constructor(connection: MessageConnection) {
    this.connection = connection;
  }

  /** What completes for this one: it remembers its last answer. */
  completer(loaded: Loaded): Completer {
    const completer = this.#completers.get(loaded) ?? new Completer(loaded.pair, loaded.learned);
    this.#completers.set(loaded, completer);
    return completer;
  }

  /** Sends a notification, if anybody is there to get it. */
  tell(send: (connection: MessageConnection) => Promise<void>): void {
    const trySending = async (): Promise<void> => {
      if (!this.isGone) await send(this.connection);
    };
    trySending().catch(() => {});
  }
}
