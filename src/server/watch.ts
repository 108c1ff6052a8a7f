import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { Late } from "./failures.js";
import type { Limits } from "./patience.js";

/** Ends a request whose server takes too long for the part of the answer that is to come. */
export class Watch {
  readonly #limits: Limits;
  readonly #startMs = performance.now();
  readonly #request: ClientRequest;
  readonly #whole: NodeJS.Timeout;
  #part: NodeJS.Timeout | undefined;
  #late: Late | undefined;

  constructor(request: ClientRequest, limits: Limits) {
    this.#request = request;
    this.#limits = limits;
    this.#whole = setTimeout(() => this.#end("did not end its answer", limits.wholeMs), limits.wholeMs);
    this.#wait(limits.connectMs, "took no connection", limits.connectMs);
    request.once("socket", (socket: Socket) => {
      const connected = (): void => this.waitForFirst();
      if (!socket.connecting) connected();
      else socket.once("encrypted" in socket ? "secureConnect" : "connect", connected);
    });
  }

  /** Why the request was ended here, if it was. */
  get late(): Late | undefined {
    return this.#late;
  }

  /** The first text is to come. */
  waitForFirst(): void {
    const { firstMs } = this.#limits;
    this.#wait(firstMs - (performance.now() - this.#startMs), "sent no text", firstMs);
  }

  /** The next piece is to come. */
  waitForNext(): void {
    this.#wait(this.#limits.idleMs, "sent nothing more", this.#limits.idleMs);
  }

  /** Whoever reads the answer takes their time. */
  rest(): void {
    clearTimeout(this.#part);
  }

  end(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#part);
  }

  #wait(ms: number, what: string, limitMs: number): void {
    clearTimeout(this.#part);
    this.#part = setTimeout(() => this.#end(what, limitMs), Math.max(0, ms));
  }

  #end(what: string, ms: number): void {
    this.#late = new Late(what, ms);
    this.#request.destroy(this.#late);
  }
}
