import type { IncomingMessage } from "node:http";
import { LacunaError } from "../protocol/errors.js";
import type { HubFile } from "./catalogue.js";
import { hasCode, messageOf } from "./errorCode.js";
import { checkedFirst, type HubSettings } from "./hubSettings.js";
import { Hitch } from "../network/patience.js";
import { retryAfterMs } from "../network/retryAfter.js";
import { spokenMs } from "./spoken.js";

/** Who was asked for what. */
export interface Asked {
  readonly host: string;
  readonly file: HubFile;
  readonly hasToken: boolean;
  readonly settings: HubSettings;
}

const GOES_ON = "Run it again: it goes on where it stopped.";

/** A server's answer that is no file, as an error: a `Hitch` where it may be another one at the next try. */
export function statusFailure(response: IncomingMessage, asked: Asked): LacunaError | Hitch {
  const status = response.statusCode ?? 0;
  const { host, file, settings } = asked;
  const isHub = settings.variable === undefined;
  if (!isHub && [401, 403, 404, 410].includes(status)) {
    return new LacunaError("hubRefused", `${host} does not give ${file.file} (status ${status}).`, `Check ${checkedFirst(settings)}.`);
  }
  if (status === 401 || status === 403) return refusal(response, asked);
  if (status === 404 || status === 410) return missing(asked);
  if (status === 407) {
    const remedy = "Put name and password into the proxy's address: http://NAME:PASSWORD@HOST:PORT.";
    return new LacunaError("hubUnreachable", "The proxy wants to know who asks (status 407).", remedy);
  }
  if (status === 429) {
    const pauseMs = retryAfterMs(response.headers["retry-after"]);
    const remedy = `Try again in ${pauseMs === undefined ? "a while" : spokenMs(pauseMs)}${isHub ? "; a token in HF_TOKEN raises the limit" : ""}.`;
    return new Hitch(new LacunaError("hubBusy", `${host} has had too many requests from here (status 429).`, remedy), pauseMs);
  }
  if (status === 408 || status === 425 || status >= 500) {
    const failure = new LacunaError("hubBusy", `${host} is not able to answer (status ${status}).`, GOES_ON);
    return new Hitch(failure, retryAfterMs(response.headers["retry-after"]));
  }
  return new LacunaError("hubUnusable", `${host} gave an answer that is not expected of it (status ${status}).`, `Check ${checkedFirst(settings)}.`);
}

function refusal({ statusCode, headers }: IncomingMessage, { host, file, hasToken, settings }: Asked): LacunaError {
  const { repository } = file;
  if (headers["x-error-code"] === "GatedRepo") {
    const remedy = hasToken
      ? `Accept its conditions at https://${host}/${repository} with the account of the token, then run it again.`
      : `Accept its conditions at https://${host}/${repository}, then set HF_TOKEN to a token of that account.`;
    return new LacunaError("hubRefused", `${repository} is given only to those who accepted its conditions.`, remedy);
  }
  if (!hasToken && statusCode === 401) {
    const sentence = `${host} gives ${repository} to nobody it does not know, or there is no such repository.`;
    return new LacunaError("hubRefused", sentence, "Check the name, or set HF_TOKEN to a token of an account that may read it.");
  }
  const remedy = hasToken ? "Check that the token in HF_TOKEN is valid and may read the repository." : `Check ${checkedFirst(settings)}.`;
  return new LacunaError("hubRefused", `${host} refuses to give ${repository} (status ${statusCode}).`, remedy);
}

function missing({ host, file }: Asked): LacunaError {
  const remedy = "It may have been renamed or withdrawn. Choose another model: `lacuna models` lists them.";
  return new LacunaError("hubMissing", `${host} has no file ${file.file} in ${file.repository}.`, remedy);
}

/** What kept a connection from bringing an answer, or from bringing all of it: a `Hitch`, except where trying again cannot help. */
export function connectionFailure(error: unknown, host: string): LacunaError | Hitch {
  if (error instanceof Stalled) {
    return new Hitch(new LacunaError("hubUnreachable", `${host} has sent nothing for ${spokenMs(error.ms)}.`, GOES_ON, error));
  }
  if (isCertificate(error)) {
    const sentence = `The certificate of ${host} cannot be trusted: ${messageOf(error)}.`;
    const remedy = "Where a company's proxy looks into connections, set NODE_EXTRA_CA_CERTS to the file of its certificate.";
    return new LacunaError("hubUnreachable", sentence, remedy, error);
  }
  const isOffline = hasCode(error, "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH");
  const remedy = isOffline ? "Check the network, and HTTPS_PROXY where there is a proxy. What is there already is kept." : GOES_ON;
  return new Hitch(new LacunaError("hubUnreachable", `The connection to ${host} failed: ${messageOf(error)}.`, remedy, error));
}

function isCertificate(error: unknown): boolean {
  return error instanceof Error && "code" in error && /CERT|SIGNATURE|ALTNAME|SELF_SIGNED/.test(String(error.code));
}

/** A server that sends nothing. */
export class Stalled extends Error {
  override readonly name = "Stalled";
  readonly ms: number;

  constructor(ms: number) {
    super(`Nothing came for ${ms} ms.`);
    this.ms = ms;
  }
}
