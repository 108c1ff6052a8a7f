import type { CancellationToken, MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import packageJson from "../../package.json" with { type: "json" };
import { answer } from "../child/answer.js";
import { usage } from "../child/usage.js";
import { BUILD_ID, checkBuild } from "../protocol/buildId.js";
import type { ErrorDetail } from "../protocol/errors.js";
import {
  canvasNotification,
  completeRequest,
  connectRequest,
  infillRequest,
  initializeRequest,
  readAheadRequest,
  serverStateNotification,
  streamedNotification,
  usageRequest,
  type EngineIdentity,
} from "../protocol/messages.js";
import { complete, infill, type Errand } from "./errand.js";
import { Connector } from "./connector.js";

/** Answers the messages of `protocol/messages.ts` that ask for text, with that of a server; any number at a time. */
export class ServerService {
  readonly #connection: MessageConnection;
  readonly #connector: Connector;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
    this.#connector = new Connector((state) => void connection.sendNotification(serverStateNotification, state));
  }

  /** Registers every handler and starts to read messages. */
  listen(): void {
    const connection = this.#connection;
    connection.onRequest(initializeRequest, ({ build }) => answer(async () => identity(build)));
    connection.onRequest(connectRequest, (params) => answer(() => this.#connector.connect(params)));
    connection.onRequest(completeRequest, (params, token) =>
      this.#run(token, (errand) =>
        complete(errand, params, (text, likelihoods) => {
          if (text !== "") void connection.sendNotification(streamedNotification, { requestId: params.requestId, text, likelihoods });
        }),
      ),
    );
    connection.onRequest(infillRequest, (params, token) =>
      this.#run(token, (errand) =>
        infill(errand, params, (slots) => {
          if (params.wantsCanvas === true) void connection.sendNotification(canvasNotification, { requestId: params.requestId, slots });
        }),
      ),
    );
    // What many share is not kept busy with what is only looked at.
    connection.onRequest(readAheadRequest, () => answer(async () => ({ outcome: "done" as const, passes: { verifier: 0, diffuser: 0 }, ms: 0 })));
    connection.onRequest(usageRequest, () => answer(async () => usage()));
    connection.listen();
  }

  async #run<T>(token: CancellationToken, job: (errand: Errand) => Promise<T>): Promise<T | ResponseError<ErrorDetail>> {
    const abort = new AbortController();
    if (token.isCancellationRequested) abort.abort();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      return await answer(() => this.#connector.run(abort.signal, job));
    } finally {
      listener.dispose();
    }
  }
}

function identity(build: string): EngineIdentity {
  checkBuild(build);
  return { build: BUILD_ID, engineVersion: packageJson.version, runtimeVersion: "", pid: process.pid };
}
