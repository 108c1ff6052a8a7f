import { CancellationTokenSource, ResponseError, type RequestType } from "vscode-jsonrpc/node";
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";
import {
  calibrateRequest,
  canvasNotification,
  completeRequest,
  connectRequest,
  deviceLostNotification,
  doctorRequest,
  infillRequest,
  initializeRequest,
  loadRequest,
  passTimesRequest,
  readAheadRequest,
  retiredNotification,
  retireRequest,
  serverStateNotification,
  streamedNotification,
  usageRequest,
  type CanvasSlotText,
  type CompleteParams,
  type CompleteResult,
  type ConnectParams,
  type DoctorResult,
  type EngineIdentity,
  type InfillParams,
  type InfillResult,
  type LoadedModel,
  type LoadParams,
  type LoadResult,
  type PassTime,
  type PassTimesParams,
  type ReadAheadParams,
  type ReadAheadResult,
  type SelfTest,
  type ServerState,
  type TokenLikelihood,
  type UsageResult,
} from "../protocol/messages.js";
import { BUILD_ID } from "../protocol/buildId.js";
import type { EngineLink } from "./engineLink.js";
import { PendingCalls } from "./pendingCalls.js";
import { privateLink } from "./privateLink.js";

export interface EngineClientOptions {
  /** The engine's bundle, dist/engine.js; or dist/server.js, which answers with the texts of a team's server. */
  readonly enginePath: string;
  /** Variables for its environment, besides this process's own; default none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Told whenever a team's server goes away or comes back. */
  readonly onServerState?: (state: ServerState) => void;
  /** Receives the engine's stderr, line by line. Default: dropped. */
  readonly onLog?: (line: string) => void;
}

export interface RequestOptions {
  /** Cancelling makes the request resolve with outcome "cancelled" and what was done so far. */
  readonly signal?: AbortSignal;
  /** Receives text that will not be taken back, as soon as the engine has it; of a completion, with how likely its tokens are. */
  readonly onText?: (text: string, likelihoods: readonly TokenLikelihood[]) => void;
}

export interface InfillOptions extends RequestOptions {
  /** Receives the canvas after each forward pass. */
  readonly onCanvas?: (slots: readonly CanvasSlotText[]) => void;
}

/** So long an engine that is to end may take for its answer. */
const RETIRE_LIMIT_MS = 2000;

/** Speaks to one engine process. When the process dies, every pending call fails with `engineDied`; start a new client. */
export class EngineClient {
  readonly identity: EngineIdentity;
  /**
   * Resolves when the engine is gone, or this client has left it, with the error that pending calls fail with: `engineReplaced` where a
   * window has asked for a new engine.
   */
  readonly died: Promise<LacunaError>;
  readonly #link: EngineLink;
  readonly #calls = new PendingCalls();
  readonly #streams = new Map<number, InfillOptions>();
  #lastRequestId = 0;

  private constructor(link: EngineLink, identity: EngineIdentity) {
    this.#link = link;
    this.identity = identity;
    const { connection } = link;
    connection.onNotification(streamedNotification, ({ requestId, text, likelihoods = [] }) => {
      this.#streams.get(requestId)?.onText?.(text, likelihoods);
    });
    connection.onNotification(canvasNotification, ({ requestId, slots }) => this.#streams.get(requestId)?.onCanvas?.(slots));
    const replaced = new Promise<LacunaError>((resolve) => {
      connection.onNotification(retiredNotification, () => resolve(engineReplaced()));
    });
    this.died = Promise.race([replaced, link.died]);
    void this.died.then((error) => this.#calls.fail(error));
  }

  /** Starts an engine for this client alone and shakes hands. @throws LacunaError `engineUnavailable`, `engineDied` or `buildMismatch` */
  static async start({ enginePath, variables, onServerState, onLog = () => {} }: EngineClientOptions): Promise<EngineClient> {
    const link = privateLink(enginePath, onLog, variables);
    if (onServerState !== undefined) link.connection.onNotification(serverStateNotification, onServerState);
    return EngineClient.over(link);
  }

  /** Shakes hands; a link over which that fails is closed. @throws LacunaError as `link.died` says; `buildMismatch` */
  static async over(link: EngineLink): Promise<EngineClient> {
    const calls = new PendingCalls();
    void link.died.then((error) => calls.fail(error));
    try {
      const identity = await answered(link, calls, () => link.connection.sendRequest(initializeRequest, { build: BUILD_ID }));
      return new EngineClient(link, identity);
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  load(params: LoadParams): Promise<LoadResult> {
    return this.#call(() => this.#link.connection.sendRequest(loadRequest, params));
  }

  /** Has `told` be called when the verifier has lost its device, with all models as they run then. */
  onDeviceLost(told: (models: readonly LoadedModel[]) => void): void {
    this.#link.connection.onNotification(deviceLostNotification, ({ models }) => told(models));
  }

  /** Names the server that the texts are to come from. */
  connect(params: ConnectParams): Promise<ServerState> {
    return this.#call(() => this.#link.connection.sendRequest(connectRequest, params));
  }

  infill(params: Omit<InfillParams, "requestId" | "wantsCanvas">, options: InfillOptions = {}): Promise<InfillResult> {
    return this.#stream(infillRequest, { ...params, wantsCanvas: options.onCanvas !== undefined }, options);
  }

  complete(params: Omit<CompleteParams, "requestId">, options: RequestOptions = {}): Promise<CompleteResult> {
    return this.#stream(completeRequest, params, options);
  }

  /** Reads what a completion there would have to read first; ends when another request comes. */
  readAhead(params: Omit<ReadAheadParams, "requestId">, options: Pick<RequestOptions, "signal"> = {}): Promise<ReadAheadResult> {
    return this.#stream(readAheadRequest, params, options);
  }

  /** Measures what drafting needs to know of this machine, to the end. */
  calibrate(): Promise<{ readonly selfTests: readonly SelfTest[] }> {
    return this.#call(() => this.#link.connection.sendRequest(calibrateRequest));
  }

  doctor(): Promise<DoctorResult> {
    return this.#call(() => this.#link.connection.sendRequest(doctorRequest));
  }

  passTimes(params: PassTimesParams): Promise<{ readonly times: readonly PassTime[] }> {
    return this.#call(() => this.#link.connection.sendRequest(passTimesRequest, params));
  }

  usage(): Promise<UsageResult> {
    return this.#call(() => this.#link.connection.sendRequest(usageRequest));
  }

  /** Leaves the engine, which ends if nobody else uses it. Pending calls fail. */
  dispose(): Promise<void> {
    return this.#link.close();
  }

  /**
   * Has the engine end, for every window that uses it, and leaves it.
   *
   * @param evenIfBusy whether it ends also while something runs on it, and even if it no longer answers
   */
  async retire(evenIfBusy: boolean): Promise<void> {
    if (this.#link.isShared && this.#link.isOpen) {
      const answer = this.#link.connection.sendRequest(retireRequest, { evenIfBusy }).catch(() => {});
      const limit = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), RETIRE_LIMIT_MS).unref());
      const outcome = await Promise.race([answer, this.#link.died, limit]);
      if (outcome === "late" && evenIfBusy) kill(this.identity.pid);
    }
    await this.dispose();
  }

  #call<T>(send: () => Promise<T>): Promise<T> {
    return answered(this.#link, this.#calls, send);
  }

  async #stream<P extends { requestId: number }, R>(
    request: RequestType<P, R, ErrorDetail>,
    params: Omit<P, "requestId">,
    options: InfillOptions,
  ): Promise<R> {
    const requestId = (this.#lastRequestId += 1);
    const cancellation = new CancellationTokenSource();
    const cancel = (): void => cancellation.cancel();
    const { signal } = options;
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    this.#streams.set(requestId, options);
    try {
      const type = request as unknown as RequestType<object, R, ErrorDetail>;
      return await this.#call(() => this.#link.connection.sendRequest(type, { ...params, requestId }, cancellation.token));
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#streams.delete(requestId);
    }
  }
}

/** The answer, or the engine's error with its name, or the engine's death, whichever comes first. */
async function answered<T>(link: EngineLink, calls: PendingCalls, send: () => Promise<T>): Promise<T> {
  // A broken channel shows before the exit does.
  const isBroken = (error: unknown): boolean => detailOf(error) === undefined && !link.isOpen;
  try {
    return await calls.make(send, isBroken);
  } catch (error) {
    const detail = detailOf(error);
    throw detail === undefined ? error : new LacunaError(detail.code, (error as Error).message, detail.remedy);
  }
}

function engineReplaced(): LacunaError {
  return new LacunaError("engineReplaced", "A window has asked for a new engine.", "Try again: the new one is used.");
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** What the engine says of a failure; undefined where the failure is not its answer. */
function detailOf(error: unknown): ErrorDetail | undefined {
  const data: unknown = error instanceof ResponseError ? error.data : undefined;
  return typeof data === "object" && data !== null && "code" in data && "remedy" in data ? (data as ErrorDetail) : undefined;
}
