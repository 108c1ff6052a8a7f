import type { PeerModel } from "./peerModel.js";

/** What a model wrote, and what it cost. */
export interface GreedyAnswer {
  /** Without the end. */
  readonly tokens: readonly number[];
  readonly hasEnded: boolean;
  readonly passes: number;
}

/** Reads and writes one text after another, and keeps what the next one has in common with the last: the same for every peer. */
export class GreedyText {
  readonly #model: PeerModel;
  /** The tokens whose keys and values are in the model's memory. */
  #held: number[] = [];

  constructor(model: PeerModel) {
    this.#model = model;
  }

  /** Reads `tokens` with nothing kept of what was read before. @returns how many passes it took */
  async readAnew(tokens: readonly number[]): Promise<number> {
    this.#held = [];
    return this.#read(tokens);
  }

  /** A pass over `tokens` after the first `past` ones held, every token's scores asked for. */
  async pass(tokens: readonly number[], past: number): Promise<void> {
    this.#held = [...this.#held.slice(0, past), ...tokens];
    await this.#model.pass(tokens, past, tokens.length);
  }

  /** Continues `prompt` by the likeliest token, one a pass, until one of `ends` or `maxTokens` tokens. */
  async write(prompt: readonly number[], ends: ReadonlySet<number>, maxTokens: number): Promise<GreedyAnswer> {
    const tokens: number[] = [];
    let passes = await this.#read(prompt);
    while (tokens.length < maxTokens) {
      const next = await this.#model.likeliest();
      if (ends.has(next)) return { tokens, hasEnded: true, passes };
      tokens.push(next);
      if (tokens.length === maxTokens) break;
      await this.#model.pass([next], this.#held.length, 1);
      this.#held.push(next);
      passes += 1;
    }
    return { tokens, hasEnded: false, passes };
  }

  /** Reads what is new of `tokens`; the last one always, because its scores are wanted. */
  async #read(tokens: readonly number[]): Promise<number> {
    const differs = tokens.findIndex((token, at) => token !== this.#held[at]);
    let past = differs === -1 ? tokens.length - 1 : Math.min(differs, tokens.length - 1);
    let passes = 0;
    while (past < tokens.length) {
      const chunk = tokens.slice(past, past + this.#model.promptPassTokens);
      await this.#model.pass(chunk, past, 1);
      past += chunk.length;
      passes += 1;
    }
    this.#held = [...tokens];
    return passes;
  }
}
