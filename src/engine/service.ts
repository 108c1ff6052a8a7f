import { isDeepStrictEqual } from "node:util";
import type { CancellationToken, MessageConnection } from "vscode-jsonrpc/node";
import packageJson from "../../package.json" with { type: "json" };
import { answer } from "../child/answer.js";
import { usage } from "../child/usage.js";
import { LacunaError } from "../protocol/errors.js";
import { BUILD_ID, checkBuild } from "../protocol/buildId.js";
import {
  calibrateRequest,
  canvasNotification,
  completeRequest,
  deviceLostNotification,
  doctorRequest,
  infillRequest,
  initializeRequest,
  loadRequest,
  passTimesRequest,
  readAheadRequest,
  retiredNotification,
  retireRequest,
  streamedNotification,
  usageRequest,
  type EngineIdentity,
  type LoadParams,
  type LoadResult,
  type ReadAheadParams,
  type ReadAheadResult,
  type SelfTest,
  type TokenLikelihood,
} from "../protocol/messages.js";
import { tryBackends } from "./models/backends.js";
import {
  checkCompleteParams,
  checkInfillParams,
  checkLoadParams,
  checkPassTimesParams,
  checkReadAheadParams,
  checkRetireParams,
} from "./checkParams.js";
import type { Completer } from "./serve/completer.js";
import { learningSources } from "./serve/learningSources.js";
import { infill, type InfillListener } from "./serve/infiller.js";
import { readAhead } from "./serve/readAhead.js";
import { IdleCalibration } from "./idleCalibration.js";
import { IdleTrial } from "./idleTrial.js";
import { loadPair, type Pair } from "./models/pair.js";
import { runtimeVersion } from "./runtime/program.js";
import { Cancelled } from "./passGate.js";
import { passTimes } from "./models/passTimes.js";
import { RequestQueue } from "./requestQueue.js";
import { ServedClient, type Loaded } from "./servedClient.js";

/** What an engine is to several windows. */
export interface SharedBy {
  /** Called when one has shown that it is of the same build. */
  readonly onWelcome: () => void;
  /** Ends the process, soon. */
  readonly end: () => void;
}

/** Answers the messages of `protocol/messages.ts`, one model request at a time, of several clients by turns. */
export class EngineService {
  readonly #queue = new RequestQueue();
  readonly #idle = new IdleCalibration(this.#queue);
  readonly #trial = new IdleTrial(this.#queue);
  readonly #clients = new Set<ServedClient>();
  readonly #loadPair: typeof loadPair;
  #current: Loaded | undefined;

  /** @param load default: with the runtime */
  constructor(load = loadPair) {
    this.#loadPair = load;
  }

  /**
   * Registers every handler for a client and starts to read its messages.
   *
   * @param shared default: the engine is this client's alone
   * @returns to be called when it is gone: what runs or waits for it ends, and what is remembered of its documents is forgotten
   */
  serve(connection: MessageConnection, shared?: SharedBy): () => void {
    const client = new ServedClient(connection);
    this.#clients.add(client);
    const queued = <T>(job: () => Promise<T>, isPatient = false): ReturnType<typeof answer<T>> => this.#queued(client, job, isPatient);
    connection.onRequest(initializeRequest, (params) => answer(async () => {
      const identity = identify(params);
      shared?.onWelcome();
      return identity;
    })); // prettier-ignore
    connection.onRequest(loadRequest, (params) => queued(() => {
      checkLoadParams(params);
      return this.#load(params, shared !== undefined);
    })); // prettier-ignore
    connection.onRequest(infillRequest, (params, token) => queued(() => {
      checkInfillParams(params);
      const { requestId, wantsCanvas } = params;
      const { pair, learned } = this.#loaded(client, token, params.document);
      const onCanvas: InfillListener["onCanvas"] = (slots) => {
        if (wantsCanvas === true) client.tell((to) => to.sendNotification(canvasNotification, { requestId, slots }));
      };
      return infill(pair, params, { onText: streamTo(client, requestId), onCanvas }, learned);
    })); // prettier-ignore
    connection.onRequest(completeRequest, (params, token) => queued(() => {
      checkCompleteParams(params);
      const completer: Completer = client.completer(this.#loaded(client, token, params.document));
      return completer.complete(params, streamTo(client, params.requestId));
    })); // prettier-ignore
    const read = (params: ReadAheadParams, token: CancellationToken): Promise<ReadAheadResult> => {
      checkReadAheadParams(params);
      const { pair } = this.#loaded(client, token, params.document);
      // Somebody waits for every other request, and nobody for this one.
      pair.gate.open(() => token.isCancellationRequested || client.isGone || this.#queue.mustGiveWay(client));
      return readAhead(pair, params);
    };
    connection.onRequest(readAheadRequest, (params, token) => queued(() => read(params, token), true));
    connection.onRequest(doctorRequest, () =>
      queued(async () => {
        const { pair } = this.#loaded(client);
        return { selfTests: await calibrated(pair), backends: await tryBackends(pair.devices) };
      }),
    );
    connection.onRequest(calibrateRequest, (token) => queued(async () => {
      return { selfTests: await calibrated(this.#loaded(client, token).pair) };
    })); // prettier-ignore
    connection.onRequest(passTimesRequest, (params) => queued(async () => {
      checkPassTimesParams(params);
      const { pair } = this.#loaded(client);
      const most = Math.min(pair.verifier.entry.contextTokens, pair.diffuser?.entry.contextTokens ?? Infinity);
      if (params.contextTokens + Math.max(...params.tokens) > most) {
        throw new LacunaError("badRequest", `The models see ${most} tokens at a time.`, "Ask for a shorter context.");
      }
      return { times: await passTimes(pair, params) };
    })); // prettier-ignore
    connection.onRequest(usageRequest, () => answer(() => Promise.resolve(usage())));
    connection.onRequest(retireRequest, (params) => answer(async () => {
      checkRetireParams(params);
      const ends = shared !== undefined && (params.evenIfBusy || !this.#queue.isBusy);
      if (ends) this.#retire(shared);
      return { ends };
    })); // prettier-ignore
    connection.listen();
    return () => this.#left(client);
  }

  /** In an engine that is shared, models are loaded for the first who asks, and are there for the others. */
  async #load(params: LoadParams, isShared: boolean): Promise<LoadResult> {
    const before = this.#current;
    if (isShared && before !== undefined) {
      if (isDeepStrictEqual(params, before.params)) return before.pair.report;
      throw new LacunaError("badRequest", "The engine that windows share has loaded other models.", "Reload the window.");
    }
    const pair = await this.#loadPair(params, { onDeviceLost: () => this.#deviceLost() });
    this.#current = { params, pair, learned: learningSources(pair) };
    return pair.report;
  }

  #queued<T>(client: ServedClient, job: () => Promise<T>, isPatient: boolean): ReturnType<typeof answer<T>> {
    this.#idle.stop();
    this.#trial.stop();
    const begun = (): Promise<T | undefined> => (client.isGone ? Promise.resolve(undefined) : job());
    const done = answer(() => this.#queue.run(begun, client, isPatient) as Promise<T>);
    return done.finally(() => {
      this.#idle.afterRequest(this.#current?.pair);
      this.#trial.afterRequest(this.#current?.pair);
    });
  }

  /** What is loaded, its gate obeying `token`, for a request of a client about `document`. @throws LacunaError `notLoaded` */
  #loaded(client: ServedClient, token?: CancellationToken, document?: string): Loaded {
    if (this.#current === undefined) throw new LacunaError("notLoaded", "No models are loaded.", "Load models first.");
    const { contexts, gate } = this.#current.pair;
    contexts.owner = client;
    contexts.document = document;
    gate.open(() => client.isGone || (token?.isCancellationRequested ?? false));
    return this.#current;
  }

  #left(client: ServedClient): void {
    client.isGone = true;
    this.#clients.delete(client);
    // After what runs for it, which is about to end.
    void this.#queue.run(async () => this.#current?.pair.contexts.release(client), client);
  }

  #deviceLost(): void {
    // While models are loaded, the answer will say it.
    const models = this.#current?.pair.report.models;
    if (models === undefined) return;
    for (const client of this.#clients) client.tell((to) => to.sendNotification(deviceLostNotification, { models }));
  }

  #retire(shared: SharedBy): void {
    for (const client of this.#clients) client.tell((to) => to.sendNotification(retiredNotification));
    shared.end();
  }
}

function streamTo(client: ServedClient, requestId: number): (text: string, likelihoods?: readonly TokenLikelihood[]) => void {
  return (text, likelihoods) => {
    const piece = { requestId, text, ...(likelihoods && { likelihoods }) };
    if (text !== "") client.tell((to) => to.sendNotification(streamedNotification, piece));
  };
}

function identify(params: { readonly build: string } | null): EngineIdentity {
  checkBuild(params?.build ?? "");
  return { build: BUILD_ID, engineVersion: packageJson.version, runtimeVersion: runtimeVersion(), pid: process.pid };
}

/** Brings calibration to its end, if it is not cancelled. @returns what is known by then */
async function calibrated({ calibration, report }: Pair): Promise<SelfTest[]> {
  try {
    while (await calibration.step());
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
  }
  return [...report.selfTests, ...calibration.selfTests];
}
