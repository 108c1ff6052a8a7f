import { Hitch, patiently } from "../network/patience.js";
import { LacunaError } from "../protocol/errors.js";
import type { ConnectParams, ServerState } from "../protocol/messages.js";
import type { Errand } from "./errand.js";
import { Circuit } from "./circuit.js";
import { TYPING_LIMITS, TYPING_PATIENCE, type Limits } from "./patience.js";
import { TeamServer } from "./teamServer.js";

/** A request to nobody: its text is not read. */
const PROBE = { prefix: "def add(a, b):\n    return", suffix: "\n", related: [] };
const PROBE_ASK = { maxTokens: 1, temperature: 0, topP: 1, seed: 0 };

/** The one server that requests go to, and whether they do. */
export class Connector {
  readonly #limits: Limits;
  readonly #onState: (state: ServerState) => void;
  #server: TeamServer | undefined;
  #circuit: Circuit | undefined;
  /** Why there is no server at all. */
  #unusable: LacunaError | undefined;

  /** @param onState called at each change after `connect` */
  constructor(onState: (state: ServerState) => void, limits: Limits = TYPING_LIMITS) {
    this.#onState = onState;
    this.#limits = limits;
  }

  get state(): ServerState {
    const failure = this.#unusable ?? this.#circuit?.failure;
    const model = this.#server?.model;
    return {
      isUp: failure === undefined && this.#server !== undefined,
      host: this.#server?.host ?? "",
      ...(model !== undefined && { model: model.name, format: model.format?.name }),
      ...(failure !== undefined && { why: failure instanceof LacunaError ? `${failure.message} ${failure.remedy}` : failure.message }),
    };
  }

  /** Goes over to a server, and asks it what it serves. One that does not answer is tried again by itself. */
  async connect(params: ConnectParams): Promise<ServerState> {
    this.close();
    this.#unusable = undefined;
    try {
      const server = new TeamServer(params);
      this.#server = server;
      this.#circuit = this.#circuitOf(server);
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      this.#unusable = error;
      return this.state;
    }
    const circuit = this.#circuit;
    await this.#guarded(circuit, () => this.#server!.find(this.#limits)).catch(() => {});
    return this.state;
  }

  /**
   * Runs a request on the server.
   *
   * @throws LacunaError: `serverAway`, at once, while the server is not used; else what happened, after which it is not used
   */
  async run<T>(signal: AbortSignal, job: (errand: Errand) => Promise<T>): Promise<T> {
    const [server, circuit] = [this.#server, this.#circuit];
    if (this.#unusable !== undefined) throw this.#unusable;
    if (server === undefined || circuit === undefined) throw new LacunaError("serverAway", "No server was named.", "Set lacuna.server.url.");
    if (!circuit.isClosed) {
      const why = circuit.failure instanceof LacunaError ? circuit.failure : undefined;
      throw new LacunaError("serverAway", why?.message ?? "The server is away.", why?.remedy ?? "It is tried again by itself.");
    }
    const errand = { server, limits: this.#limits, signal };
    try {
      return await this.#guarded(circuit, () => this.#known(errand, job), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      // It has nothing by now, and asks for nothing more.
      return job(errand);
    }
  }

  close(): void {
    this.#circuit?.end();
    this.#server?.close();
    this.#circuit = undefined;
    this.#server = undefined;
  }

  async #known<T>(errand: Errand, job: (errand: Errand) => Promise<T>): Promise<T> {
    const { server, limits, signal } = errand;
    if (server.model === undefined) await server.find(limits, signal);
    return job(errand);
  }

  async #guarded<T>(circuit: Circuit, job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let askedPauseMs = 0;
    try {
      const attempt = (): Promise<T> =>
        job().catch((error: unknown) => {
          askedPauseMs = error instanceof Hitch ? (error.askedPauseMs ?? 0) : 0;
          throw error;
        });
      const result = await patiently(attempt, { patience: TYPING_PATIENCE, signal });
      circuit.succeeded();
      return result;
    } catch (error) {
      // A bug here, or a request that is no longer wanted, says nothing of the server.
      if (error instanceof LacunaError && signal?.aborted !== true) circuit.failed(error, askedPauseMs);
      throw error;
    }
  }

  #circuitOf(server: TeamServer): Circuit {
    return new Circuit({
      probe: async () => {
        try {
          await server.find(this.#limits);
          const nobody = new AbortController().signal;
          for await (const piece of server.write(PROBE, PROBE_ASK, this.#limits, nobody)) void piece;
        } catch (error) {
          throw error instanceof Hitch ? error.failure : error;
        }
      },
      after: (ms, job) => {
        const timer = setTimeout(job, ms);
        return () => clearTimeout(timer);
      },
      chance: Math.random,
      onChange: () => this.#onState(this.state),
    });
  }
}
