import { ResponseError, type CancellationToken, type MessageConnection } from "vscode-jsonrpc/node";
import packageJson from "../../package.json" with { type: "json" };
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";
import { decodersOf } from "../protocol/manifest.js";
import { BUILD_ID, isSameBuild } from "../protocol/buildId.js";
import {
  calibrateRequest,
  canvasNotification,
  completeRequest,
  doctorRequest,
  infillRequest,
  initializeRequest,
  loadRequest,
  passTimesRequest,
  readAheadRequest,
  streamedNotification,
  usageRequest,
  type EngineIdentity,
  type SelfTest,
  type TokenLikelihood,
  type UsageResult,
} from "../protocol/messages.js";
import { tryBackends } from "./models/backends.js";
import { checkCompleteParams, checkInfillParams, checkLoadParams, checkPassTimesParams, checkReadAheadParams } from "./checkParams.js";
import { Completer } from "./serve/completer.js";
import { infill } from "./serve/infiller.js";
import { readAhead } from "./serve/readAhead.js";
import { IdleCalibration } from "./idleCalibration.js";
import { loadPair, type Pair } from "./models/pair.js";
import { runtimeVersion } from "./runtime/program.js";
import { Cancelled } from "./passGate.js";
import { passTimes } from "./models/passTimes.js";
import { RequestQueue } from "./requestQueue.js";

const LACUNA_ERROR = -32000;

interface Loaded {
  readonly pair: Pair;
  readonly completer: Completer;
}

/** Answers the messages of `protocol/messages.ts`, one model request at a time. */
export class EngineService {
  readonly #connection: MessageConnection;
  readonly #queue = new RequestQueue();
  readonly #idle = new IdleCalibration(this.#queue);
  #current: Loaded | undefined;
  /** Requests that came and have not begun. */
  #waiting = 0;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
  }

  /** Registers every handler and starts to read messages. */
  listen(): void {
    const connection = this.#connection;
    connection.onRequest(initializeRequest, (params) => answer(() => Promise.resolve(identify(params))));
    connection.onRequest(loadRequest, (params) => this.#queued(async () => {
      checkLoadParams(params);
      const pair = await loadPair(params);
      this.#current = { pair, completer: new Completer(pair) };
      return pair.report;
    })); // prettier-ignore
    connection.onRequest(infillRequest, (params, token) => this.#queued(() => {
      checkInfillParams(params);
      const { requestId, wantsCanvas } = params;
      return infill(this.#loaded(token, params.document).pair, params, {
        onText: this.#streamTo(requestId),
        onCanvas: (slots) => {
          if (wantsCanvas === true) void this.#connection.sendNotification(canvasNotification, { requestId, slots });
        },
      });
    })); // prettier-ignore
    connection.onRequest(completeRequest, (params, token) => this.#queued(() => {
      checkCompleteParams(params);
      const { completer } = this.#loaded(token, params.document);
      return completer.complete(params, this.#streamTo(params.requestId));
    })); // prettier-ignore
    connection.onRequest(readAheadRequest, (params, token) => this.#queued(() => {
      checkReadAheadParams(params);
      const { pair } = this.#loaded(undefined, params.document);
      // Somebody waits for every other request, and nobody for this one.
      pair.gate.open(() => token.isCancellationRequested || this.#waiting > 0);
      return readAhead(pair, params);
    })); // prettier-ignore
    connection.onRequest(doctorRequest, () =>
      this.#queued(async () => {
        const { pair } = this.#loaded();
        const { files } = pair;
        const selfTests = await calibrated(pair);
        // A reader runs on the processor alone.
        const entries = decodersOf(files.manifest).map((entry) => ({ entry, graphPath: files.pathOf(entry.graph) }));
        return { selfTests, backends: await tryBackends(entries) };
      }),
    );
    connection.onRequest(calibrateRequest, (token) => this.#queued(async () => {
      return { selfTests: await calibrated(this.#loaded(token).pair) };
    })); // prettier-ignore
    connection.onRequest(passTimesRequest, (params) => this.#queued(async () => {
      checkPassTimesParams(params);
      const { pair } = this.#loaded();
      const most = Math.min(pair.verifier.entry.contextTokens, pair.diffuser?.entry.contextTokens ?? Infinity);
      if (params.contextTokens + Math.max(...params.tokens) > most) {
        throw new LacunaError("badRequest", `The models see ${most} tokens at a time.`, "Ask for a shorter context.");
      }
      return { times: await passTimes(pair, params) };
    })); // prettier-ignore
    connection.onRequest(usageRequest, () => answer(() => Promise.resolve(usage())));
    connection.listen();
  }

  #queued<T>(job: () => Promise<T>): Promise<T | ResponseError<ErrorDetail>> {
    this.#idle.stop();
    this.#waiting += 1;
    const begun = (): Promise<T> => {
      this.#waiting -= 1;
      return job();
    };
    return answer(() => this.#queue.run(begun)).finally(() => this.#idle.afterRequest(this.#current?.pair));
  }

  /** What is loaded, its gate obeying `token`, for a request about `document`. @throws LacunaError `notLoaded` */
  #loaded(token?: CancellationToken, document?: string): Loaded {
    if (this.#current === undefined) throw new LacunaError("notLoaded", "No models are loaded.", "Load models first.");
    this.#current.pair.contexts.document = document;
    this.#current.pair.gate.open(() => token?.isCancellationRequested ?? false);
    return this.#current;
  }

  #streamTo(requestId: number): (text: string, likelihoods?: readonly TokenLikelihood[]) => void {
    return (text, likelihoods) => {
      if (text !== "") void this.#connection.sendNotification(streamedNotification, { requestId, text, ...(likelihoods && { likelihoods }) });
    };
  }
}

function usage(): UsageResult {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
}

function identify({ build }: { readonly build: string }): EngineIdentity {
  if (!isSameBuild(build, BUILD_ID)) {
    throw new LacunaError(
      "buildMismatch",
      "The engine and the program that started it are of different builds.",
      "Reload the window, or build again, so that both are of the same build.",
    );
  }
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
