import { ResponseError, type CancellationToken, type MessageConnection } from "vscode-jsonrpc/node";
import packageJson from "../../package.json" with { type: "json" };
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";
import {
  completeRequest,
  doctorRequest,
  infillRequest,
  initializeRequest,
  loadRequest,
  streamedNotification,
  type EngineIdentity,
} from "../protocol/messages.js";
import { PROTOCOL_VERSION } from "../protocol/version.js";
import { tryBackends } from "./backends.js";
import { checkCompleteParams, checkInfillParams, checkLoadParams } from "./checkParams.js";
import { Completer } from "./completer.js";
import { infill } from "./infiller.js";
import { loadModels, type LoadedModels } from "./loadedModels.js";
import { runtimeVersion } from "./onnxSession.js";
import { RequestQueue } from "./requestQueue.js";

const LACUNA_ERROR = -32000;

/** Answers the messages of `protocol/messages.ts`, one model request at a time. */
export class EngineService {
  readonly #connection: MessageConnection;
  readonly #queue = new RequestQueue();
  #models: LoadedModels | undefined;
  #completer: Completer | undefined;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
  }

  /** Registers every handler and starts to read messages. */
  listen(): void {
    const connection = this.#connection;
    connection.onRequest(initializeRequest, (params) => answer(() => Promise.resolve(identify(params))));
    connection.onRequest(loadRequest, (params) => this.#queued(async () => {
      checkLoadParams(params);
      this.#models = await loadModels(params);
      this.#completer = new Completer(this.#models);
      return this.#models.report;
    })); // prettier-ignore
    connection.onRequest(infillRequest, (params, token) => this.#queued(() => {
      checkInfillParams(params);
      return infill(this.#loaded(token), params, this.#streamTo(params.requestId));
    })); // prettier-ignore
    connection.onRequest(completeRequest, (params, token) => this.#queued(() => {
      checkCompleteParams(params);
      this.#loaded(token);
      return (this.#completer as Completer).complete(params, this.#streamTo(params.requestId));
    })); // prettier-ignore
    connection.onRequest(doctorRequest, () => this.#queued(async () => {
      const { verifierFacts, files } = this.#loaded();
      return { backends: await tryBackends(verifierFacts, files.pathOf(verifierFacts.graph)) };
    })); // prettier-ignore
    connection.listen();
  }

  #queued<T>(job: () => Promise<T>): Promise<T | ResponseError<ErrorDetail>> {
    return answer(() => this.#queue.run(job));
  }

  /** The models, their gate obeying `token`. @throws LacunaError `notLoaded` */
  #loaded(token?: CancellationToken): LoadedModels {
    if (this.#models === undefined) throw new LacunaError("notLoaded", "No models are loaded.", "Load models first.");
    this.#models.gate.open(() => token?.isCancellationRequested ?? false);
    return this.#models;
  }

  #streamTo(requestId: number): (text: string) => void {
    return (text) => {
      if (text !== "") void this.#connection.sendNotification(streamedNotification, { requestId, text });
    };
  }
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
