import http, { type Agent, type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { proxyAgentFor } from "../network/proxyAgent.js";
import { Hitch } from "../network/patience.js";
import { LacunaError } from "../protocol/errors.js";
import { connectionFailure, Rejected, statusFailure } from "./failures.js";
import type { Limits } from "./patience.js";
import { isLoopback, type ServerAddress } from "./serverAddress.js";
import { Watch } from "./watch.js";

/** What is asked of a server. */
export interface ServerRequest {
  /** Below the server's address, such as `/v1/models`. */
  readonly path: string;
  /** Sent as JSON, by POST; default: nothing is, by GET. */
  readonly body?: object;
  /** Name of the model that is asked, for the messages; default: none. */
  readonly model?: string;
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
}

const LONGEST_REFUSAL = 4096;
/** A connection that has rested longer than this is not used again: servers close theirs after about as long. */
const REST_MS = 4000;

/** The way to one server, on connections that are kept. Aborting a request closes its connection, which is what ends it on the server. */
export class ServerConnection {
  readonly address: ServerAddress;
  readonly #agent: Agent;

  /** @throws LacunaError `proxyUnusable` */
  constructor(address: ServerAddress) {
    this.address = address;
    const { base } = address;
    const options = { keepAlive: true, maxFreeSockets: 1, timeout: REST_MS };
    const own = base.protocol === "https:" ? new https.Agent(options) : new http.Agent(options);
    this.#agent = (isLoopback(base) ? undefined : proxyAgentFor(base, undefined, options)) ?? own;
  }

  get host(): string {
    return this.address.base.host;
  }

  /** Closes the connections that rest. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * The body of an answer, piece by piece; leaving it early closes the connection.
   *
   * @param isBegun asked while the answer comes: whether its first text is there
   * @throws Hitch, Rejected, LacunaError as `statusFailure` and `connectionFailure` say; the reason of `signal`
   */
  async *ask(asked: ServerRequest, isBegun: () => boolean = () => true): AsyncGenerator<string> {
    const { signal, model = "" } = asked;
    const { request, watch, response } = await this.#answered(asked);
    const abort = (): void => void request.destroy(new Error("cancelled"));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      signal?.throwIfAborted();
      response.setEncoding("utf8");
      if (response.statusCode !== 200) throw await this.#refusal(response, model);
      for await (const piece of response as AsyncIterable<string>) {
        watch.rest();
        yield piece;
        if (isBegun()) watch.waitForNext();
        else watch.waitForFirst();
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(error, watch);
    } finally {
      watch.end();
      signal?.removeEventListener("abort", abort);
      request.destroy();
    }
  }

  /** Sends a request and waits for the head of its answer. */
  async #answered(asked: ServerRequest): Promise<{ request: ClientRequest; watch: Watch; response: IncomingMessage }> {
    const { limits, signal } = asked;
    for (let isAgain = false; ; isAgain = true) {
      signal?.throwIfAborted();
      const request = this.#send(asked);
      const watch = new Watch(request, limits);
      const abort = (): void => void request.destroy(new Error("cancelled"));
      signal?.addEventListener("abort", abort, { once: true });
      try {
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          request.once("response", resolve);
          request.on("error", reject);
        });
        return { request, watch, response };
      } catch (error) {
        watch.end();
        signal?.throwIfAborted();
        // A connection that rested was closed by the server just now: it has not seen the request.
        if (isAgain || !request.reusedSocket || watch.late !== undefined) throw this.#failure(error, watch);
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }
  }

  #send({ path, body }: ServerRequest): ClientRequest {
    const { base, key } = this.address;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      "user-agent": "lacuna",
      accept: text === undefined ? "application/json" : "text/event-stream",
      ...(text !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    const { request: start } = base.protocol === "https:" ? https : http;
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    const request = start(url, { method: text === undefined ? "GET" : "POST", headers, agent: this.#agent });
    request.end(text);
    return request;
  }

  async #refusal(response: IncomingMessage, model: string): Promise<Error> {
    let body = "";
    for await (const piece of response as AsyncIterable<string>) {
      body += piece;
      if (body.length > LONGEST_REFUSAL) break;
    }
    const answer = { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], body };
    return statusFailure(answer, { host: this.host, hasKey: this.address.key !== undefined, model });
  }

  #failure(error: unknown, { late }: Watch): Error {
    const isNamed = error instanceof LacunaError || error instanceof Hitch || error instanceof Rejected;
    return isNamed ? error : connectionFailure(late ?? error, this.host);
  }
}
