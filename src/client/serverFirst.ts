import { LacunaError } from "../protocol/errors.js";
import type { CompleteParams, CompleteResult, InfillParams, TokenLikelihood } from "../protocol/messages.js";
import type { InfillOptions, RequestOptions } from "./engineClient.js";
import type { EngineLife, Writer, Writers } from "./engineLife.js";

/** How long a request waits for the process that speaks to the server to start, before the models here write. */
const START_MS = 1000;
const FEWEST_TOKENS = 8;

type Sent<P> = Omit<P, "requestId">;

export interface ServerFirstOptions {
  /** The process that speaks to the server. */
  readonly server: Pick<EngineLife, "use" | "state">;
  /** The models of this machine. */
  readonly local: Writers;
  /** Whether a server is to be asked at all. */
  readonly isWanted: () => boolean;
  /** Called where the models here write instead. @param why the server does not, at the first of several requests in a row */
  readonly onLocal?: (why: LacunaError) => void;
}

/**
 * Texts of a team's server where one is wanted, and of the models here while it is away: at once, and within a text that it did not
 * end. What was streamed stays, and the models here go on from it.
 */
export class ServerFirst implements Writers {
  readonly #options: ServerFirstOptions;
  readonly #writer: Writer;
  #isLocal = false;

  constructor(options: ServerFirstOptions) {
    this.#options = options;
    this.#writer = {
      complete: (params, request) => this.#complete(params, request),
      infill: (params, request) => this.#infill(params, request),
      readAhead: (params, request) =>
        this.#either(
          (server) => server.readAhead(params, request),
          (local) => local.readAhead(params, request),
        ),
    };
  }

  use<T>(job: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#options.isWanted() ? job(this.#writer) : this.#options.local.use(job);
  }

  #complete(params: Sent<CompleteParams>, request: RequestOptions = {}): Promise<CompleteResult> {
    let said = "";
    let likelihoods: readonly TokenLikelihood[] = [];
    const onText: NonNullable<RequestOptions["onText"]> = (text, more) => {
      said += text;
      likelihoods = [...likelihoods, ...more];
      request.onText?.(text, more);
    };
    return this.#either(
      (server) => server.complete(params, { ...request, onText }),
      (local) => (said === "" ? local.complete(params, request) : goOn(local, params, request, said, likelihoods)),
    );
  }

  #infill(params: Sent<InfillParams>, request: InfillOptions = {}): ReturnType<Writer["infill"]> {
    return this.#either(
      (server) => server.infill(params, request),
      (local) => local.infill(params, request),
    );
  }

  async #either<T>(ofServer: (writer: Writer) => Promise<T>, ofLocal: (writer: Writer) => Promise<T>): Promise<T> {
    try {
      const result = await this.#fromServer(ofServer);
      this.#isLocal = false;
      return result;
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      if (!this.#isLocal) this.#options.onLocal?.(error);
      this.#isLocal = true;
      return this.#options.local.use(ofLocal);
    }
  }

  /** @throws LacunaError at once where the process has to be waited for */
  #fromServer<T>(job: (writer: Writer) => Promise<T>): Promise<T> {
    const { server } = this.#options;
    if (server.state === "ready") return server.use(job);
    const away = new LacunaError("serverAway", "The part of Lacuna that speaks to the server is starting.", "It is tried again by itself.");
    // A job that comes too late is not begun: the models here have it.
    let isLate = false;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        isLate = true;
        reject(away);
      }, START_MS);
      const begun = (writer: Writer): Promise<T | undefined> => {
        clearTimeout(timer);
        return isLate ? Promise.resolve(undefined) : job(writer);
      };
      server.use(begun).then(
        (result) => resolve(result as T),
        (error: unknown) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
}

/** Ends a text that a server began. */
async function goOn(
  local: Writer,
  params: Sent<CompleteParams>,
  request: RequestOptions,
  said: string,
  likelihoods: readonly TokenLikelihood[],
): Promise<CompleteResult> {
  const units = said.replaceAll("\r\n", "\n").length;
  const moved = (more: readonly TokenLikelihood[]): TokenLikelihood[] => more.map(([end, logProb]) => [end + units, logProb]);
  const lines = said.split("\n").length - 1;
  const maxTokens = Math.min(params.maxTokens, Math.max(FEWEST_TOKENS, params.maxTokens - likelihoods.length));
  const rest = {
    ...params,
    prefix: params.prefix + said,
    maxTokens,
    maxLines: params.maxLines === undefined ? undefined : Math.max(1, params.maxLines - lines),
  };
  const result = await local.complete(rest, { ...request, onText: (text, more) => request.onText?.(text, moved(more)) });
  return {
    ...result,
    text: said + result.text,
    likelihoods: [...likelihoods, ...moved(result.likelihoods)],
    // As many as were asked for stand for a text that was cut off.
    tokens: result.tokens >= maxTokens ? params.maxTokens : Math.min(params.maxTokens - 1, likelihoods.length + result.tokens),
  };
}
