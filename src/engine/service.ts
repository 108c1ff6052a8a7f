import { ResponseError, type CancellationToken, type MessageConnection } from "vscode-jsonrpc/node";
import packageJson from "../../package.json" with { type: "json" };
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";
import {
  canvasNotification,
  completeRequest,
  doctorRequest,
  infillRequest,
  initializeRequest,
  loadRequest,
  passTimesRequest,
  streamedNotification,
  usageRequest,
  type EngineIdentity,
  type UsageResult,
} from "../protocol/messages.js";
import { PROTOCOL_VERSION } from "../protocol/version.js";
import { tryBackends } from "./models/backends.js";
import { checkCompleteParams, checkInfillParams, checkLoadParams, checkPassTimesParams } from "./checkParams.js";
import { Completer } from "./serve/completer.js";
import { infill } from "./serve/infiller.js";
import { loadModels, type LoadedModels } from "./models/loadedModels.js";
import { runtimeVersion } from "./runtime/onnxSession.js";
import { passTimes } from "./models/passTimes.js";
import { RequestQueue } from "./requestQueue.js";

const LACUNA_ERROR = -32000;

interface Loaded {
  readonly models: LoadedModels;
  readonly completer: Completer;
}

/** Answers the messages of `protocol/messages.ts`, one model request at a time. */
export class EngineService {
  readonly #connection: MessageConnection;
  readonly #queue = new RequestQueue();
  #current: Loaded | undefined;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
  }

  /** Registers every handler and starts to read messages. */
  listen(): void {
    const connection = this.#connection;
    connection.onRequest(initializeRequest, (params) => answer(() => Promise.resolve(identify(params))));
    connection.onRequest(loadRequest, (params) => this.#queued(async () => {
      checkLoadParams(params);
      const models = await loadModels(params);
      this.#current = { models, completer: new Completer(models) };
      return models.report;
    })); // prettier-ignore
    connection.onRequest(infillRequest, (params, token) => this.#queued(() => {
      checkInfillParams(params);
      const { requestId, wantsCanvas } = params;
      return infill(this.#loaded(token).models, params, {
        onText: this.#streamTo(requestId),
        onCanvas: (slots) => {
          if (wantsCanvas === true) void this.#connection.sendNotification(canvasNotification, { requestId, slots });
        },
      });
    })); // prettier-ignore
    connection.onRequest(completeRequest, (params, token) => this.#queued(() => {
      checkCompleteParams(params);
      const { completer } = this.#loaded(token);
      return completer.complete(params, this.#streamTo(params.requestId));
    })); // prettier-ignore
    connection.onRequest(doctorRequest, () => this.#queued(async () => {
      const { verifierFacts, diffuserFacts, files } = this.#loaded().models;
      return { backends: await tryBackends([verifierFacts, diffuserFacts].map((facts) => ({ facts, graphPath: files.pathOf(facts.graph) }))) };
    })); // prettier-ignore
    connection.onRequest(passTimesRequest, (params) => this.#queued(async () => {
      checkPassTimesParams(params);
      const { models } = this.#loaded();
      const most = Math.min(models.verifierFacts.contextTokens, models.diffuserFacts.contextTokens);
      if (params.contextTokens + Math.max(...params.tokens) > most) {
        throw new LacunaError("badRequest", `The models see ${most} tokens at a time.`, "Ask for a shorter context.");
      }
      return { times: await passTimes(models, params) };
    })); // prettier-ignore
    connection.onRequest(usageRequest, () => answer(() => Promise.resolve(usage())));
    connection.listen();
  }

  #queued<T>(job: () => Promise<T>): Promise<T | ResponseError<ErrorDetail>> {
    return answer(() => this.#queue.run(job));
  }

  /** What is loaded, its gate obeying `token`. @throws LacunaError `notLoaded` */
  #loaded(token?: CancellationToken): Loaded {
    if (this.#current === undefined) throw new LacunaError("notLoaded", "No models are loaded.", "Load models first.");
    this.#current.models.gate.open(() => token?.isCancellationRequested ?? false);
    return this.#current;
  }

  #streamTo(requestId: number): (text: string) => void {
    return (text) => {
      if (text !== "") void this.#connection.sendNotification(streamedNotification, { requestId, text });
    };
  }
}

function usage(): UsageResult {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
}

function identify(params: { readonly protocolVersion: number }): EngineIdentity {
  if (params.protocolVersion !== PROTOCOL_VERSION) {
    throw new LacunaError(
      "protocolMismatch",
      `The engine speaks protocol ${PROTOCOL_VERSION}, its client ${params.protocolVersion}.`,
      "Reload the window, or build again: the two are of different builds.",
    );
  }
  return { protocolVersion: PROTOCOL_VERSION, engineVersion: packageJson.version, runtimeVersion: runtimeVersion(), pid: process.pid };
}

/** Expected failures become answers with their name; bugs end the process, loudly. */
async function answer<T>(job: () => Promise<T>): Promise<T | ResponseError<ErrorDetail>> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof LacunaError) return new ResponseError(LACUNA_ERROR, error.message, { code: error.code, remedy: error.remedy });
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(70);
  }
}
