import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What was asked of the server. */
export interface Seen {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether whoever asked has closed the connection before the answer's end. */
  isLeft: boolean;
}

export type Answerer = (response: ServerResponse, seen: Seen) => void | Promise<void>;

/** An event of `/v1/completions`, with its tokens. */
export function event(
  text: string,
  options: { end?: "stop" | "length"; tokens?: readonly (readonly [string, number])[]; usage?: object } = {},
): string {
  const { end = null, tokens = text === "" ? [] : [[text, -0.1]], usage } = options;
  const logprobs = { tokens: tokens.map(([token]) => token), token_logprobs: tokens.map(([, value]) => value) };
  return `data: ${JSON.stringify({ choices: [{ index: 0, text, finish_reason: end, logprobs }], usage })}\n\n`;
}

export const DONE = "data: [DONE]\n\n";

/** Answers with pieces, as a stream that ends by itself. */
export function says(...pieces: readonly string[]): Answerer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) response.write(event(piece));
    response.end(event("", { end: "stop" }) + DONE);
  };
}

/** Answers with a status. */
export function refuses(status: number, headers: Readonly<Record<string, string>> = {}, body = "{}"): Answerer {
  return (response) => void response.writeHead(status, headers).end(body);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A server of models in this process that follows a script. */
export class ScriptedServer {
  readonly seen: Seen[] = [];
  /** What `/v1/models` says. */
  models: unknown = { object: "list", data: [{ id: "qwen2.5-coder-7b", owned_by: "vllm", max_model_len: 8192 }] };
  /** How text is asked for and answered; the latest stays. */
  answer: Answerer = says(" a + b");
  /** How the list of models is answered, where it is not answered with `models`. */
  list: Answerer | undefined;
  connections = 0;
  readonly #sockets = new Set<Socket>();
  #server: http.Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Bodies of the requests for text. */
  get asked(): readonly Seen[] {
    return this.seen.filter(({ path }) => path !== "/v1/models" && path !== "/props");
  }

  /** Starts it, on the port that it had. */
  async start(): Promise<void> {
    const server = http.createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    server.on("connection", (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Kills it: every connection breaks. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const seen: Seen = {
      path: request.url ?? "",
      key: request.headers.authorization,
      body: text === "" ? {} : (JSON.parse(text) as Seen["body"]),
      isLeft: false,
    };
    this.seen.push(seen);
    response.on("close", () => (seen.isLeft = !response.writableFinished));
    if (seen.path === "/v1/models") {
      if (this.list !== undefined) return void (await this.list(response, seen));
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.models));
    }
    if (seen.path === "/props") return void response.writeHead(200).end(JSON.stringify({ default_generation_settings: { n_ctx: 2048 } }));
    await this.answer(response, seen);
  }
}
