import {
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  type MessageConnection,
  type RequestType,
} from "vscode-jsonrpc/node";
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";
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
  type CanvasSlotText,
  type CompleteParams,
  type CompleteResult,
  type DoctorResult,
  type EngineIdentity,
  type InfillParams,
  type InfillResult,
  type LoadParams,
  type LoadResult,
  type PassTime,
  type PassTimesParams,
  type ReadAheadParams,
  type ReadAheadResult,
  type SelfTest,
  type TokenLikelihood,
  type UsageResult,
} from "../protocol/messages.js";
import { BUILD_ID } from "../protocol/buildId.js";
import { EngineProcess } from "./engineProcess.js";
import { PendingCalls } from "./pendingCalls.js";

export interface EngineClientOptions {
  /** The engine's bundle, dist/engine.js. */
  readonly enginePath: string;
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

/** Speaks to one engine process. When the process dies, every pending call fails with `engineDied`; start a new client. */
export class EngineClient {
  readonly identity: EngineIdentity;
  readonly #process: EngineProcess;
  readonly #connection: MessageConnection;
  readonly #calls: PendingCalls;
  readonly #streams = new Map<number, InfillOptions>();
  #lastRequestId = 0;

  private constructor(process: EngineProcess, connection: MessageConnection, calls: PendingCalls, identity: EngineIdentity) {
    this.#process = process;
    this.#connection = connection;
    this.#calls = calls;
    this.identity = identity;
    connection.onNotification(streamedNotification, ({ requestId, text, likelihoods = [] }) => {
      this.#streams.get(requestId)?.onText?.(text, likelihoods);
    });
    connection.onNotification(canvasNotification, ({ requestId, slots }) => this.#streams.get(requestId)?.onCanvas?.(slots));
  }

  /** Starts an engine and shakes hands. @throws LacunaError `engineUnavailable`, `engineDied` or `buildMismatch` */
  static async start({ enginePath, onLog = () => {} }: EngineClientOptions): Promise<EngineClient> {
    const process = new EngineProcess(enginePath, onLog);
    const connection = createMessageConnection(new IPCMessageReader(process.child), new IPCMessageWriter(process.child));
    connection.onError(() => {});
    connection.listen();
    const calls = new PendingCalls();
    void process.died.then((error) => calls.fail(error));
    try {
      const params = { build: BUILD_ID };
      const identity = await answered(process, calls, () => connection.sendRequest(initializeRequest, params));
      return new EngineClient(process, connection, calls, identity);
    } catch (error) {
      connection.dispose();
      await process.stop();
      throw error;
    }
  }

  /** Resolves when the engine is gone, whatever the reason. */
  get died(): Promise<LacunaError> {
    return this.#process.died;
  }

  load(params: LoadParams): Promise<LoadResult> {
    return this.#call(() => this.#connection.sendRequest(loadRequest, params));
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
    return this.#call(() => this.#connection.sendRequest(calibrateRequest));
  }

  doctor(): Promise<DoctorResult> {
    return this.#call(() => this.#connection.sendRequest(doctorRequest));
  }

  passTimes(params: PassTimesParams): Promise<{ readonly times: readonly PassTime[] }> {
    return this.#call(() => this.#connection.sendRequest(passTimesRequest, params));
  }

  usage(): Promise<UsageResult> {
    return this.#call(() => this.#connection.sendRequest(usageRequest));
  }

  /** Stops the engine. Pending calls fail. */
  async dispose(): Promise<void> {
    this.#connection.dispose();
    await this.#process.stop();
  }

  #call<T>(send: () => Promise<T>): Promise<T> {
    return answered(this.#process, this.#calls, send);
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
      return await this.#call(() => this.#connection.sendRequest(type, { ...params, requestId }, cancellation.token));
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#streams.delete(requestId);
    }
  }
}

/** The answer, or the engine's error with its name, or the engine's death, whichever comes first. */
async function answered<T>({ child }: EngineProcess, calls: PendingCalls, send: () => Promise<T>): Promise<T> {
  // A broken channel shows before the exit does.
  const isBroken = (error: unknown): boolean => detailOf(error) === undefined && !child.connected;
  try {
    return await calls.make(send, isBroken);
  } catch (error) {
    const detail = detailOf(error);
    throw detail === undefined ? error : new LacunaError(detail.code, (error as Error).message, detail.remedy);
  }
}

/** What the engine says of a failure; undefined where the failure is not its answer. */
function detailOf(error: unknown): ErrorDetail | undefined {
  const data: unknown = error instanceof ResponseError ? error.data : undefined;
  return typeof data === "object" && data !== null && "code" in data && "remedy" in data ? (data as ErrorDetail) : undefined;
}
