import type { CompleteResult, TokenLikelihood } from "../../../src/protocol/messages.js";
import type { Complete } from "../../../src/suggest/suggester.js";
import type { Place } from "../../../src/protocol/place.js";

/** One request to an engine that says what a test tells it to. */
export class ScriptedRequest {
  readonly place: Place;
  readonly maxLines: number;
  readonly signal: AbortSignal;
  readonly result: Promise<CompleteResult>;
  readonly #onText: Parameters<Complete>[3];
  #resolve!: (result: CompleteResult) => void;
  #reject!: (error: Error) => void;
  #said = "";
  readonly #likelihoods: TokenLikelihood[] = [];

  constructor(place: Place, maxLines: number, signal: AbortSignal, onText: Parameters<Complete>[3]) {
    this.place = place;
    this.maxLines = maxLines;
    this.signal = signal;
    this.#onText = onText;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener("abort", () => this.#end("cancelled"), { once: true });
  }

  /** @param likelihoods of the tokens of the text: where each ends in it, and its probability */
  say(text: string, likelihoods: readonly TokenLikelihood[] = []): void {
    const placed = likelihoods.map(([end, probability]): TokenLikelihood => [this.#said.length + end, Math.log(probability)]);
    this.#said += text;
    this.#likelihoods.push(...placed);
    this.#onText(text, placed);
  }

  /** Ends it. @param tokens how many tokens it says that it wrote */
  async done(tokens = 5): Promise<void> {
    this.#end("done", tokens);
    await settle();
  }

  async fail(error: Error): Promise<void> {
    this.#reject(error);
    await settle();
  }

  #end(outcome: "done" | "cancelled", tokens = 1): void {
    this.#resolve({ ...EMPTY, outcome, text: this.#said, likelihoods: this.#likelihoods, tokens });
  }
}

/** An engine whose requests are answered by hand. */
export class ScriptedCompleter {
  readonly requests: ScriptedRequest[] = [];

  readonly complete: Complete = (place, maxLines, signal, onText) => {
    const request = new ScriptedRequest(place, maxLines, signal, onText);
    this.requests.push(request);
    return request.result;
  };

  get latest(): ScriptedRequest {
    return this.requests.at(-1)!;
  }

  get running(): readonly ScriptedRequest[] {
    return this.requests.filter(({ signal }) => !signal.aborted);
  }
}

/** Lets everything that waits for nothing but a promise go on. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const EMPTY: CompleteResult = {
  outcome: "done",
  text: "",
  likelihoods: [],
  tokens: 0,
  tokenIds: [],
  verifies: 1,
  drafted: 0,
  accepted: 0,
  blocks: [],
  drafts: [],
  passes: { verifier: 1, diffuser: 0 },
  stages: { draftMs: 0, verifyMs: 0, otherMs: 0 },
  ms: 1,
  promptMs: 0,
  tokensPerSecond: 1,
  decoder: "deer",
  model: "scripted",
  device: "cpu",
};
