import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { LacunaError } from "../protocol/errors.js";
import type { HubFile } from "./catalogue.js";
import { connectionFailure, Stalled, type Asked } from "./hubFailures.js";
import { checkedFirst, type HubSettings } from "./hubSettings.js";
import { proxyAgentFor } from "../network/proxyAgent.js";

export interface HubRequest {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the messages. */
  readonly file: HubFile;
  readonly settings: HubSettings;
  readonly idleMs: number;
  readonly signal: AbortSignal | undefined;
  /** Whether to follow a redirect to another host: for the bytes, not for the hub's own record. */
  readonly followsAbroad: boolean;
}

export interface HubAnswer {
  readonly response: IncomingMessage;
  readonly asked: Asked;
}

const MAX_REDIRECTS = 8;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Asks the hub and follows its redirects. The token goes to the host of the endpoint alone, encrypted or within this machine.
 *
 * @returns an answer whose body the caller reads or destroys
 * @throws Hitch when the connection fails; LacunaError `hubUnreachable` when its certificate is not to be trusted, `hubUnusable`,
 *   `hubRefused`; the reason of `signal`
 */
export async function askHub(request: HubRequest): Promise<HubAnswer> {
  const { token, endpoint, proxy } = request.settings;
  const home = new URL(endpoint);
  if (token !== undefined && !isSafe(home)) {
    const remedy = "Set HF_ENDPOINT to an address that begins with https://, or unset HF_TOKEN.";
    throw new LacunaError("hubRefused", `A token is not sent to ${home.host} unencrypted.`, remedy);
  }
  let url = request.url;
  for (let redirects = 0; ; redirects++) {
    const isHome = url.host === home.host && url.protocol === home.protocol;
    const hasToken = token !== undefined && isHome;
    const authorization = hasToken ? { authorization: `Bearer ${token}` } : {};
    const headers = { "user-agent": "lacuna", "accept-encoding": "identity", ...request.headers, ...authorization };
    const response = await ask(url, { ...request, headers, agent: proxyAgentFor(url, proxy) });
    const asked = { host: url.host, file: request.file, hasToken, settings: request.settings };
    const target = REDIRECTS.includes(response.statusCode ?? 0) ? response.headers.location : undefined;
    if (target === undefined) return { response, asked };
    const next = URL.canParse(target, url.href) ? new URL(target, url.href) : undefined;
    if (!request.followsAbroad && next?.host !== url.host) return { response, asked };
    // Its body says nothing that is wanted.
    response.destroy();
    const isAllowed = next !== undefined && (next.protocol === "https:" || next.protocol === url.protocol) && /^https?:$/.test(next.protocol);
    if (!isAllowed || redirects === MAX_REDIRECTS) {
      const what = redirects === MAX_REDIRECTS ? `${url.host} redirects in a circle` : `${url.host} redirects to an address that is not followed`;
      throw new LacunaError("hubUnusable", `${what}.`, `Check ${checkedFirst(request.settings)}.`);
    }
    url = next;
  }
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

interface Ask extends Pick<HubRequest, "method" | "idleMs" | "signal"> {
  readonly headers: Record<string, string>;
  readonly agent: http.Agent | undefined;
}

/** One request; resolves with the head of the answer. */
function ask(url: URL, { method, headers, agent, idleMs, signal }: Ask): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request: start } = url.protocol === "https:" ? https : http;
    const request = start(url, { method, headers, ...(agent !== undefined && { agent }), ...(signal !== undefined && { signal }) });
    const timer = setTimeout(() => request.destroy(new Stalled(idleMs)), idleMs);
    request.once("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(signal?.aborted === true ? error : connectionFailure(error, url.host));
    });
    request.end();
  });
}

/**
 * The body of an answer, piece by piece. The next piece is awaited at most `idleMs`; the time that the caller takes does not count.
 *
 * @throws Hitch when the connection ends too early or stalls; the reason of `signal`
 */
export async function* piecesOf({ response, asked }: HubAnswer, idleMs: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    timer = setTimeout(() => response.destroy(new Stalled(idleMs)), idleMs);
  };
  try {
    arm();
    for await (const piece of response as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      yield piece;
      arm();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionFailure(error, asked.host);
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
}
