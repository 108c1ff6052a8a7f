import { createCipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What the storage does with one request instead of answering it rightly. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends so many bytes of the body, and then nothing. */
  readonly stallAfter?: number;
  /** Gives the whole file, whatever range was asked for. */
  readonly ignoresRange?: boolean;
  readonly ignoresIfRange?: boolean;
  /** Waits before each piece of this many bytes. */
  readonly pieceBytes?: number;
  readonly pauseMs?: number;
  /** Bytes to send instead of the file's. */
  readonly body?: Buffer;
  /** Does not say how many bytes there are. */
  readonly hidesLength?: boolean;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** A hub and, on another port, the storage that it redirects to: what they give can be changed while they run. */
export class HubServer {
  content: Buffer;
  etag = '"first"';
  /** Of the hub's record; undefined: those of `content`. */
  linked: Readonly<Record<string, string>> | undefined;
  /** Answers to HEAD and GET at the hub, in turn, before it answers rightly. */
  readonly hubFaults: Fault[] = [];
  /** What the storage does with its requests, in turn, before it answers rightly. */
  readonly faults: Fault[] = [];
  /** Called for each request that the storage gets, with its number from 1 and the first byte that it asks for. */
  onStorageRequest: (count: number, first: number) => Fault | undefined = () => undefined;
  /** The listing that /api/models/.../tree gives; undefined: 404. */
  listing: object | undefined;
  readonly hubSeen: Seen[] = [];
  readonly storageSeen: Seen[] = [];
  sentBytes = 0;
  endpoint = "";
  storage = "";
  readonly #hub = http.createServer((request, response) => this.#answerHub(request, response));
  readonly #storage = http.createServer((request, response) => void this.#answerStorage(request, response));

  private constructor(content: Buffer) {
    this.content = content;
  }

  static async start(content: Buffer): Promise<HubServer> {
    const server = new HubServer(content);
    server.endpoint = await listen(server.#hub);
    server.storage = await listen(server.#storage);
    return server;
  }

  get sha256(): string {
    return sha256Of(this.content);
  }

  async stop(): Promise<void> {
    for (const each of [this.#hub, this.#storage]) {
      each.closeAllConnections();
      each.close();
      await once(each, "close");
    }
  }

  #answerHub(request: IncomingMessage, response: ServerResponse): void {
    this.hubSeen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    const fault = this.hubFaults.shift();
    if (fault?.stallAfter !== undefined) return;
    if (fault?.status !== undefined) {
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    if (request.url?.startsWith("/api/") === true) {
      if (this.listing === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.listing));
      return;
    }
    const linked = this.linked ?? { "x-linked-size": String(this.content.length), "x-linked-etag": `"${this.sha256}"` };
    response.writeHead(302, { location: `${this.storage}/blob?signature=secret`, "x-repo-commit": COMMIT, ...linked }).end();
  }

  async #answerStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.storageSeen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const fault = this.onStorageRequest(this.storageSeen.length, Number(asked?.[1] ?? 0)) ?? this.faults.shift() ?? {};
    const { content, etag } = this;
    const isSame = fault.ignoresIfRange === true || [undefined, etag].includes(request.headers["if-range"] as string | undefined);
    const range = fault.ignoresRange !== true && isSame ? asked : null;
    const first = range === null ? 0 : Number(range[1]);
    const body = fault.body ?? content.subarray(first);
    const isRefused = fault.status !== undefined && fault.status >= 300;
    const headers = {
      ...(etag !== "" && { etag }),
      ...(!isRefused && fault.hidesLength !== true && { "content-length": String(body.length) }),
      ...(range !== null && { "content-range": `bytes ${first}-${content.length - 1}/${content.length}` }),
      ...fault.headers,
    };
    response.on("error", () => {});
    const closed = once(response, "close");
    response.setMaxListeners(0);
    response.writeHead(fault.status ?? (range === null ? 200 : 206), headers);
    response.flushHeaders();
    if (isRefused) {
      response.end();
      return;
    }
    const end = Math.min(body.length, fault.cutAfter ?? Infinity, fault.stallAfter ?? Infinity);
    const pieceBytes = fault.pieceBytes ?? 2 ** 16;
    for (let position = 0; position < end && !response.destroyed; position += pieceBytes) {
      if (fault.pauseMs !== undefined) await sleep(fault.pauseMs);
      const piece = body.subarray(position, Math.min(end, position + pieceBytes));
      this.sentBytes += piece.length;
      if (!response.write(piece)) await Promise.race([once(response, "drain"), closed]);
    }
    if (fault.cutAfter !== undefined) {
      // What was written is to arrive before the connection breaks.
      await sleep(2);
      response.destroy();
    } else if (fault.stallAfter === undefined) {
      response.end();
    }
  }
}

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** Bytes that look like chance and are the same each time. */
export function noise(bytes: number, seed = 1): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function listen(server: http.Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
