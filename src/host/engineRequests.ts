import type { CompleteResult, InfillResult } from "../protocol/messages.js";
import type { InfillOptions } from "../client/engineClient.js";
import type { Engine, EngineHost } from "./engineHost.js";
import type { Place } from "./suggestionCache.js";

const ALTERNATIVE_TEMPERATURE = 0.8;

/** What a fill may be asked for besides its place. */
export interface FillRequest {
  readonly seed: number;
  readonly temperature: number;
  readonly minTokens?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly maxLines?: number | undefined;
}

/** The requests that the editor makes, with the values that they share. */
export class EngineRequests {
  readonly #host: EngineHost;
  readonly #maxTokens: () => number;
  readonly #onEnd: () => void;

  /** @param maxTokens longest text of a request; @param onEnd called after each request */
  constructor(host: EngineHost, maxTokens: () => number, onEnd: () => void) {
    this.#host = host;
    this.#maxTokens = maxTokens;
    this.#onEnd = onEnd;
  }

  /** Most tokens of a text. */
  get maxTokens(): number {
    return this.#maxTokens();
  }

  /** Greedy text with drafts, block by block. @throws LacunaError */
  complete(place: Place, signal: AbortSignal, onText: (text: string) => void): Promise<CompleteResult> {
    return this.decode(place, "deer", this.#maxTokens(), signal, onText);
  }

  /** Greedy text of one decoder. @throws LacunaError */
  decode(
    { prefix, suffix }: Place,
    decoder: "ar" | "arPadded" | "deer",
    maxTokens: number,
    signal: AbortSignal,
    onText: (text: string) => void = () => {},
  ): Promise<CompleteResult> {
    const params = { prefix, suffix, maxTokens, temperature: 0, topP: 1, seed: 0, decoder, block: "auto" as const };
    return this.#run((engine) => engine.complete(params, { signal, onText }));
  }

  /** Text by chance. @throws LacunaError */
  sample({ prefix, suffix }: Place, seed: number, signal: AbortSignal): Promise<CompleteResult> {
    const rule = { temperature: ALTERNATIVE_TEMPERATURE, topP: 0.95, seed };
    const params = { prefix, suffix, maxTokens: this.#maxTokens(), ...rule, decoder: "deer" as const, block: "auto" as const };
    return this.#run((engine) => engine.complete(params, { signal }));
  }

  /** Fills the hole between prefix and suffix. @throws LacunaError */
  fill({ prefix, suffix }: Place, { minTokens, maxTokens, ...request }: FillRequest, options: InfillOptions): Promise<InfillResult> {
    const length = { minTokens: minTokens ?? 1, maxTokens: maxTokens ?? this.#maxTokens() };
    const params = { prefix, suffix, ...request, ...length, topP: 0.9, method: "auto" as const, wantsCanvas: options.onCanvas !== undefined };
    return this.#run((engine) => engine.infill(params, options));
  }

  async #run<T>(job: (engine: Engine) => Promise<T>): Promise<T> {
    try {
      return await this.#host.use(job);
    } finally {
      this.#onEnd();
    }
  }
}
