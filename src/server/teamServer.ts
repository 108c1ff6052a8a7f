import { createParser } from "eventsource-parser";
import type { ConnectParams } from "../protocol/messages.js";
import { LacunaError } from "../protocol/errors.js";
import { Hitch } from "../network/patience.js";
import { ServerConnection } from "./connection.js";
import { garbled, Rejected } from "./failures.js";
import type { Limits } from "./patience.js";
import { requestBody, type Ask } from "./requestBody.js";
import { serverAddress } from "./serverAddress.js";
import { findServedModel, type ServedModel } from "./servedModel.js";
import { servedPiece, type ServedPiece } from "./servedPiece.js";
import { ServedPrompts, type PromptParams } from "./servedPrompt.js";

/** A prompt is no longer than this, whatever the model sees: who types waits for its reading. */
const MOST_PROMPT_TOKENS = 4096;
const USUAL_CONTEXT_TOKENS = 4096;
/** Of code, until the server has said better. */
const UNITS_PER_TOKEN = 3;
const FEWEST_UNITS = 512;
const LONGEST_EVENT_UNITS = 2 ** 20;

/** A server and the model of it that is asked: prompts in, pieces of text out. */
export class TeamServer {
  readonly #wanted: ConnectParams;
  readonly #connection: ServerConnection;
  #model: ServedModel | undefined;
  #prompts: ServedPrompts | undefined;
  #unitsPerToken = UNITS_PER_TOKEN;
  #isPlain = false;

  /** @throws LacunaError `serverUnusable`, `serverRefused`, `proxyUnusable` */
  constructor(wanted: ConnectParams) {
    this.#wanted = wanted;
    this.#connection = new ServerConnection(serverAddress(wanted.url, wanted.key));
  }

  get host(): string {
    return this.#connection.host;
  }

  /** What was found by `find`. */
  get model(): ServedModel | undefined {
    return this.#model;
  }

  close(): void {
    this.#connection.close();
  }

  /** Finds out what the server serves. @throws LacunaError, Hitch */
  async find(limits: Limits, signal?: AbortSignal): Promise<ServedModel> {
    const model = await findServedModel(this.#connection, this.#wanted, limits, signal);
    const { format } = model;
    if (format === undefined) {
      const remedy =
        "Set lacuna.server.format to how it reads a hole; a model that was not trained to fill in the middle cannot be used. " +
        "`lacuna doctor --server URL --server-format FORMAT` tries one.";
      throw new LacunaError("serverUnusable", `The name ${model.name} does not say how the model fills in the middle.`, remedy);
    }
    if (this.#model?.name !== model.name || this.#model.format?.name !== format.name) this.#prompts = new ServedPrompts(format);
    this.#model = model;
    return model;
  }

  /**
   * The text that the model writes at a place, piece by piece, once it was found; leaving it early ends it on the server.
   *
   * @throws LacunaError; Hitch where nothing has come and it may be tried again; the reason of `signal`
   */
  async *write(place: PromptParams, ask: Ask, limits: Limits, signal?: AbortSignal): AsyncGenerator<ServedPiece> {
    signal?.throwIfAborted();
    const model = this.#model!;
    let units = this.#promptUnits(model, ask.maxTokens);
    for (let mayChange = true; ; mayChange = false) {
      const { path, body } = requestBody(model, this.#prompts!.of(place, units), ask, this.#isPlain);
      try {
        return yield* this.#stream(path, body, model.name, units, limits, signal);
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        const isExtra = !error.isTooLong && model.kind === "other" && !this.#isPlain;
        if (!mayChange || !(error.isTooLong || isExtra)) throw error.failure;
        if (error.isTooLong) units = Math.max(FEWEST_UNITS, Math.floor(units / 2));
        else this.#isPlain = true;
      }
    }
  }

  async *#stream(path: string, body: object, name: string, units: number, limits: Limits, signal?: AbortSignal): AsyncGenerator<ServedPiece> {
    const events: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => events.push(data) });
    let [isBegun, isEnded, unread] = [false, false, 0];
    try {
      for await (const chunk of this.#connection.ask({ path, body, model: name, limits, signal }, () => isBegun)) {
        unread += chunk.length;
        if (unread > LONGEST_EVENT_UNITS) throw garbled(this.host);
        parser.feed(chunk);
        if (events.length > 0) unread = 0;
        for (const data of events.splice(0)) {
          if (data === "[DONE]") continue;
          const piece = servedPiece(data);
          if (piece === undefined) throw garbled(this.host);
          if (piece === "failed") throw gaveUp(this.host);
          isBegun ||= piece.text !== "" || piece.tokens.length > 0;
          isEnded ||= piece.end !== undefined;
          this.#learn(piece, units);
          yield piece;
        }
      }
    } catch (error) {
      // What has been said is not said again.
      throw error instanceof Hitch && isBegun ? error.failure : error;
    }
    if (!isEnded) throw isBegun ? brokenOff(this.host) : garbled(this.host);
  }

  /** How many characters a token has here. Prompts that were cut for their length are the ones that say it. */
  #learn({ promptTokens }: ServedPiece, units: number): void {
    if (promptTokens === undefined || promptTokens < 1) return;
    const model = this.#model!;
    const limit = this.#promptTokens(model, 0);
    // Only what came near the limit can have been too long, or too short.
    if (promptTokens > limit / 2) this.#unitsPerToken = Math.min(8, Math.max(1, Math.min(this.#unitsPerToken, units / promptTokens)));
  }

  #promptTokens({ contextTokens = USUAL_CONTEXT_TOKENS }: ServedModel, maxTokens: number): number {
    return Math.max(64, Math.min(MOST_PROMPT_TOKENS, contextTokens - maxTokens - 16));
  }

  #promptUnits(model: ServedModel, maxTokens: number): number {
    return Math.floor(this.#promptTokens(model, maxTokens) * this.#unitsPerToken);
  }
}

function gaveUp(host: string): LacunaError {
  return new LacunaError("serverBusy", `${host} gave up in the middle of an answer.`, "Its own log says why.");
}

function brokenOff(host: string): LacunaError {
  return new LacunaError("serverUnreachable", `The connection to ${host} ended in the middle of an answer.`, "Check that the server runs.");
}
