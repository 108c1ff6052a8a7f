import type { FillRequest } from "../protocol/fillRequest.js";
import type { CompleteResult, HoleParams, InfillResult, ReadAheadResult, RelatedText } from "../protocol/messages.js";
import type { InfillOptions, RequestOptions } from "./engineClient.js";
import { fileNameOf } from "./fileNameOf.js";
import type { Writer, Writers } from "./engineLife.js";
import type { Place } from "../protocol/place.js";

const GREEDY = { temperature: 0, topP: 1, seed: 0, block: "auto" } as const;
const ALTERNATIVE_TEMPERATURE = 0.8;

type Around = Pick<HoleParams, "prefix" | "suffix" | "document" | "languageId" | "fileName" | "related">;

export interface EditorRequestsOptions {
  /** Longest text of a request. */
  readonly maxTokens: () => number;
  /** Pieces of other files for the document at an address. */
  readonly related: (uri: string) => Promise<readonly RelatedText[]>;
  /** Called after each request. */
  readonly onEnd: () => void;
}

/** The requests that the editor makes, with the values that they share. */
export class EditorRequests {
  readonly #writers: Writers;
  readonly #options: EditorRequestsOptions;

  constructor(writers: Writers, options: EditorRequestsOptions) {
    this.#writers = writers;
    this.#options = options;
  }

  /** Most tokens of a text. */
  get maxTokens(): number {
    return this.#options.maxTokens();
  }

  /** Greedy text with drafts, block by block, of at most so many lines. @throws LacunaError */
  complete(place: Place, maxLines: number, signal: AbortSignal, onText: NonNullable<RequestOptions["onText"]>): Promise<CompleteResult> {
    const rule = { ...GREEDY, maxTokens: this.maxTokens, maxLines, decoder: "deer" as const };
    return this.#run(place, (engine, around) => engine.complete({ ...around, ...rule }, { signal, onText }));
  }

  /** Greedy text of one decoder. @throws LacunaError */
  decode(
    place: Place,
    decoder: "ar" | "arPadded" | "deer",
    maxTokens: number,
    signal: AbortSignal,
    onText: (text: string) => void = () => {},
  ): Promise<CompleteResult> {
    const rule = { ...GREEDY, maxTokens, decoder };
    return this.#run(place, (engine, around) => engine.complete({ ...around, ...rule }, { signal, onText }));
  }

  /** Text by chance; token by token, because drafts of a fixed length, as sampling needs them, cost more than they save. @throws LacunaError */
  sample(place: Place, maxLines: number, seed: number, signal: AbortSignal): Promise<CompleteResult> {
    const chance = { temperature: ALTERNATIVE_TEMPERATURE, topP: 0.95, seed };
    const rule = { maxTokens: this.maxTokens, maxLines, ...chance, decoder: "ar" as const, block: "auto" as const };
    return this.#run(place, (engine, around) => engine.complete({ ...around, ...rule }, { signal }));
  }

  /** Fills the hole between prefix and suffix. @throws LacunaError */
  fill(place: Place, { seed, temperature, minTokens, maxTokens, maxLines }: FillRequest, options: InfillOptions): Promise<InfillResult> {
    const length = { minTokens: minTokens ?? 1, maxTokens: maxTokens ?? this.maxTokens, maxLines };
    const rule = { temperature, topP: 0.9, seed, method: "auto" as const };
    return this.#run(place, (engine, around) => engine.infill({ ...around, ...length, ...rule }, options));
  }

  /** Reads what a completion at a place would have to read first. @throws LacunaError */
  readAhead(place: Place, signal: AbortSignal): Promise<ReadAheadResult> {
    return this.#run(place, (engine, around) => engine.readAhead({ ...around, maxTokens: this.maxTokens }, { signal }));
  }

  async #run<T>({ uri, languageId, prefix, suffix }: Place, job: (engine: Writer, around: Around) => Promise<T>): Promise<T> {
    try {
      const related = await this.#options.related(uri);
      return await this.#writers.use((engine) => job(engine, { prefix, suffix, document: uri, languageId, fileName: fileNameOf(uri), related }));
    } finally {
      this.#options.onEnd();
    }
  }
}
