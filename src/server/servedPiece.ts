/** A token's text, and the natural logarithm of its probability. */
export type SaidToken = readonly [text: string, logProb: number];

/** What one event of a stream says. */
export interface ServedPiece {
  readonly text: string;
  /** The tokens it consists of, where the server says them. */
  readonly tokens: readonly SaidToken[];
  /** Why the text ends with it: the model or a stop ended it, or there were as many tokens as were asked for; undefined where it goes on. */
  readonly end?: "stop" | "length" | undefined;
  /** Length of the prompt, where the server says it. */
  readonly promptTokens?: number | undefined;
  /** How many of those it had cached. */
  readonly cachedTokens?: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const numberOf = (value: unknown): number | undefined => (typeof value === "number" && Number.isFinite(value) ? value : undefined);

/**
 * Reads an event of `/v1/completions` or of `/infill`.
 *
 * @returns undefined where it is none of those; "failed" where it says that the server gave up
 */
export function servedPiece(data: string): ServedPiece | "failed" | undefined {
  let event: Fields;
  try {
    event = fieldsOf(JSON.parse(data));
  } catch {
    return undefined;
  }
  if (event.error !== undefined) return "failed";
  if (typeof event.content === "string") return infillPiece(event, event.content);
  if (!Array.isArray(event.choices)) return undefined;
  const usage = fieldsOf(event.usage);
  const choice = fieldsOf(event.choices[0]);
  const reason = choice.finish_reason;
  return {
    text: typeof choice.text === "string" ? choice.text : "",
    tokens: tokensOf(fieldsOf(choice.logprobs)),
    end: typeof reason !== "string" ? undefined : reason === "length" ? "length" : "stop",
    promptTokens: numberOf(usage.prompt_tokens),
    cachedTokens: numberOf(fieldsOf(usage.prompt_tokens_details).cached_tokens),
  };
}

function infillPiece(event: Fields, text: string): ServedPiece {
  const isLast = event.stop === true;
  return {
    text,
    tokens: saidTokens(event.completion_probabilities),
    end: !isLast ? undefined : event.stop_type === "limit" ? "length" : "stop",
    promptTokens: isLast ? numberOf(event.tokens_evaluated) : undefined,
    cachedTokens: isLast ? numberOf(fieldsOf(event.timings).cache_n) : undefined,
  };
}

/** Either side by side in two lists, or one after the other. */
function tokensOf({ tokens, token_logprobs: logProbs, content }: Fields): SaidToken[] {
  if (content !== undefined) return saidTokens(content);
  const values = listOf(logProbs);
  return listOf(tokens).flatMap((token, at) => said(token, values[at]));
}

const saidTokens = (list: unknown): SaidToken[] => listOf(list).flatMap((each) => said(fieldsOf(each).token, fieldsOf(each).logprob));

function said(token: unknown, value: unknown): SaidToken[] {
  const logProb = numberOf(value);
  return typeof token === "string" && logProb !== undefined ? [[token, Math.min(0, logProb)]] : [];
}
