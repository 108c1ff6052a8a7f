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
  type SelfTest,
  type UsageResult,
} from "../protocol/messages.js";
import { BUILD_ID } from "../protocol/buildId.js";
import { EngineProcess } from "./engineProcess.js";

export interface EngineClientOptions {
  /** The engine's bundle, dist/engine.js. */
  readonly enginePath: string;
  /** Receives the engine's stderr, line by line. Default: dropped. */
  readonly onLog?: (line: string) => void;
}

export interface RequestOptions {
  /** Cancelling makes the request resolve with outcome "cancelled" and what was done so far. */
  readonly signal?: AbortSignal;
  /** Receives text that will not be taken back, as soon as the engine has it. */
  readonly onText?: (text: string) => void;
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
  readonly #streams = new Map<number, InfillOptions>();
  #lastRequestId = 0;

  private constructor(process: EngineProcess, connection: MessageConnection, identity: EngineIdentity) {
    this.#process = process;
    this.#connection = connection;
    this.identity = identity;
    connection.onNotification(streamedNotification, ({ requestId, text }) => this.#streams.get(requestId)?.onText?.(text));
    connection.onNotification(canvasNotification, ({ requestId, slots }) => this.#streams.get(requestId)?.onCanvas?.(slots));
  }

  /** Starts an engine and shakes hands. @throws LacunaError `engineUnavailable`, `engineDied` or `buildMismatch` */
  static async start({ enginePath, onLog = () => {} }: EngineClientOptions): Promise<EngineClient> {
    const process = new EngineProcess(enginePath, onLog);
    const connection = createMessageConnection(new IPCMessageReader(process.child), new IPCMessageWriter(process.child));
    connection.onError(() => {});
    connection.listen();
    try {
      const params = { build: BUILD_ID };
      const identity = await settled(process, () => connection.sendRequest(initializeRequest, params));
      return new EngineClient(process, connection, identity);
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
    return settled(this.#process, () => this.#connection.sendRequest(loadRequest, params));
  }

  infill(params: Omit<InfillParams, "requestId" | "wantsCanvas">, options: InfillOptions = {}): Promise<InfillResult> {
    return this.#stream(infillRequest, { ...params, wantsCanvas: options.onCanvas !== undefined }, options);
  }

  complete(params: Omit<CompleteParams, "requestId">, options: RequestOptions = {}): Promise<CompleteResult> {
    return this.#stream(completeRequest, params, options);
  }

  /** Measures what drafting needs to know of this machine, to the end. */
  calibrate(): Promise<{ readonly selfTests: readonly SelfTest[] }> {
    return settled(this.#process, () => this.#connection.sendRequest(calibrateRequest));
  }

  doctor(): Promise<DoctorResult> {
    return settled(this.#process, () => this.#connection.sendRequest(doctorRequest));
  }

  passTimes(params: PassTimesParams): Promise<{ readonly times: readonly PassTime[] }> {
    return settled(this.#process, () => this.#connection.sendRequest(passTimesRequest, params));
  }

  usage(): Promise<UsageResult> {
    return settled(this.#process, () => this.#connection.sendRequest(usageRequest));
  }

  /** Stops the engine. Pending calls fail. */
  async dispose(): Promise<void> {
    this.#connection.dispose();
    await this.#process.stop();
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
      return await settled(this.#process, () => this.#connection.sendRequest(type, { ...params, requestId }, cancellation.token));
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#streams.delete(requestId);
    }
  }
}

/** The answer, or the engine's error with its name, or the engine's death, whichever comes first. */
async function settled<T>(process: EngineProcess, send: () => Promise<T>): Promise<T> {
  const death = process.died.then((error): never => {
    throw error;
  });
  death.catch(() => {});
  try {
    return await Promise.race([send(), death]);
  } catch (error) {
    if (error instanceof ResponseError && isDetail(error.data)) throw new LacunaError(error.data.code, error.message, error.data.remedy);
    // A broken channel shows before the exit does: wait for the exit, which says more.
    if (!(error instanceof LacunaError) && !process.child.connected) throw await process.died;
    throw error;
  }
}

function isDetail(data: unknown): data is ErrorDetail {
  return typeof data === "object" && data !== null && "code" in data && "remedy" in data;
}
