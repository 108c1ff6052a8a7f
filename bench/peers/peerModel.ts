/** A model in one engine, with the memory of one text: what all peers can be asked. */
export interface PeerModel {
  /** What the engine is and how it was set, for the record. */
  readonly about: Readonly<Record<string, unknown>>;
  /** So many tokens the engine reads in one pass when it reads a prompt. */
  readonly promptPassTokens: number;
  /**
   * One forward pass over `tokens`, written after the first `past` positions; what lay there before is forgotten.
   *
   * @param rows the scores of so many last tokens are asked for, at least one
   */
  pass(tokens: readonly number[], past: number, rows: number): Promise<void>;
  /** The likeliest token after the last one of the last pass; no id is barred. */
  likeliest(): Promise<number>;
  /** Writes by the engine's own loop, in a memory of its own. Ours has none here: it is asked as a whole. */
  readonly write?: Writer;
}

/** Continues `prompt` by the likeliest token each time, until an end of the model's or `maxTokens` tokens, with the engine's own drafts or none. */
export type Writer = (prompt: readonly number[], maxTokens: number, hasDrafts: boolean) => Promise<WrittenText>;

/** What an engine wrote by its own loop. */
export interface WrittenText {
  /** Without the end. */
  readonly tokens: readonly number[];
  /** Of the writing alone, from the pass over the last token of the prompt on. */
  readonly ms: number;
  /** Drafted tokens that were looked at, and those that were kept. */
  readonly drafted: number;
  readonly accepted: number;
}

/** What an engine process is started with. */
export interface PeerSetting {
  readonly kind: PeerKind;
  /** A models folder for `lacuna`, a GGUF file for `llama.cpp`. */
  readonly model: string;
  /** Folder that node-llama-cpp was installed into; `lacuna` does not look at it. */
  readonly packageFolder: string;
  readonly threads: number;
  /** Positions that the memory of the text holds. */
  readonly contextTokens: number;
}

/** Ours first. */
export const PEER_KINDS = ["lacuna", "llama.cpp"] as const;

export type PeerKind = (typeof PEER_KINDS)[number];
