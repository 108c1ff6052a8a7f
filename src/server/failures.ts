import { LacunaError } from "../protocol/errors.js";
import { Hitch } from "../network/patience.js";
import { retryAfterMs } from "../network/retryAfter.js";

/** A server that has not sent what it had to in time. */
export class Late extends Error {
  override readonly name = "Late";

  constructor(what: string, ms: number) {
    super(`${what} within ${ms / 1000} s`);
  }
}

/** A request that a server does not take as it is. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  readonly failure: LacunaError;
  /** Whether the prompt is longer than the model sees. */
  readonly isTooLong: boolean;

  constructor(failure: LacunaError, isTooLong: boolean) {
    super(failure.message);
    this.failure = failure;
    this.isTooLong = isTooLong;
  }
}

const SET_KEY = "Set the key with the command Lacuna: Set Server Key; for `lacuna doctor`, name a file that holds it with --server-key.";
const TOO_LONG = /context|too long|too many tokens|max_model_len|maximum.*tokens|exceed/i;

/** What an answer was to. */
export interface AskedServer {
  readonly host: string;
  readonly hasKey: boolean;
  /** Name of the model that was asked for; "" where none was. */
  readonly model: string;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The beginning of its body, of which nothing is shown: it may quote what was sent. */
  readonly body: string;
}

/** A server's answer that is no text, as an error: a `Hitch` where it may be another one soon, a `Rejected` where another request may do. */
export function statusFailure({ status, retryAfter, body }: Answer, { host, hasKey, model }: AskedServer): LacunaError | Hitch | Rejected {
  if (status === 401 || status === 403) {
    return new LacunaError(
      "serverRefused",
      hasKey ? `${host} refuses the key (status ${status}).` : `${host} wants a key (status ${status}).`,
      SET_KEY,
    );
  }
  if (status === 407) {
    const remedy = "Put name and password into the proxy's address: http://NAME:PASSWORD@HOST:PORT.";
    return new LacunaError("serverUnreachable", "The proxy wants to know who asks (status 407).", remedy);
  }
  if (status === 404 && model !== "") {
    const remedy = "Leave lacuna.server.model empty for the first model that it names, or run `lacuna doctor --server URL`, which lists them.";
    return new LacunaError("serverUnusable", `${host} serves no model ${model}, or has no interface for completions (status 404).`, remedy);
  }
  if (status === 429) {
    const failure = new LacunaError("serverBusy", `${host} takes no more requests for now (status 429).`, "It is asked again after a while.");
    return new Hitch(failure, retryAfterMs(retryAfter));
  }
  if (status === 408 || status === 425 || status >= 500) {
    const failure = new LacunaError("serverBusy", `${host} is not able to answer (status ${status}).`, "Its own log says why.");
    return new Hitch(failure, retryAfterMs(retryAfter));
  }
  if (status === 400 || status === 413 || status === 422) {
    const isTooLong = TOO_LONG.test(body);
    const what = isTooLong ? "finds the prompt too long" : "does not take the request";
    const remedy = "Run `lacuna doctor --server URL`: it says what the server can do.";
    return new Rejected(new LacunaError("serverUnusable", `${host} ${what} (status ${status}).`, remedy), isTooLong);
  }
  const what = status >= 300 && status < 400 ? "sends elsewhere" : "gives an answer that is none of a server of models";
  return new LacunaError("serverUnusable", `${host} ${what} (status ${status}).`, "Check lacuna.server.url: it is what comes before /v1.");
}

/** What kept a connection from bringing an answer, or all of it: a `Hitch`, except where trying again cannot help. */
export function connectionFailure(error: unknown, host: string): LacunaError | Hitch {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : "it was closed";
  if (/CERT|SIGNATURE|ALTNAME|SELF_SIGNED/.test(code)) {
    const remedy = "Where the server's certificate is of a company's own authority, set NODE_EXTRA_CA_CERTS to the file of that authority.";
    return new LacunaError("serverUnreachable", `The certificate of ${host} cannot be trusted: ${message}.`, remedy, error);
  }
  if (error instanceof Late) return new LacunaError("serverUnreachable", `${host} ${message}.`, "Check that the server runs and is not overloaded.");
  const remedy = "Check that the server runs, lacuna.server.url, and the network.";
  return new Hitch(new LacunaError("serverUnreachable", `The connection to ${host} failed: ${code === "" ? message : code}.`, remedy, error));
}

/** An answer that does not read as one. */
export function garbled(host: string): LacunaError {
  const remedy = "Check lacuna.server.url and lacuna.server.format; `lacuna doctor --server URL` says what the server can do.";
  return new LacunaError("serverUnusable", `${host} sends something that is no answer of a server of models.`, remedy);
}
