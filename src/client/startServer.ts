import type { ConnectParams, ServerState } from "../protocol/messages.js";
import { EngineClient } from "./engineClient.js";
import type { StartedEngine } from "./engineLife.js";

/** The process that speaks to a team's server, and what it is told. */
export interface ServerSetup {
  /** Its bundle, dist/server.js. */
  readonly serverPath: string;
  readonly connect: ConnectParams;
  /** The way to the network, as variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Told what is known of the server, at once and at each change. */
  readonly onState: (state: ServerState) => void;
  readonly log: (line: string) => void;
}

/** Starts the process that speaks to a team's server. A server that does not answer is no failure. @throws LacunaError */
export async function startServer({ serverPath, connect, variables, onState, log }: ServerSetup): Promise<StartedEngine> {
  const start = performance.now();
  const engine = await EngineClient.start({ enginePath: serverPath, variables, onServerState: onState, onLog: log });
  try {
    const state = await engine.connect(connect);
    onState(state);
    log(state.isUp ? `server: ${state.host} serves ${state.model}` : `server: ${state.why}`);
    const { residentBytes } = await engine.usage();
    const can = { infill: ["ar" as const], diffusionDrafts: false };
    return { engine, loaded: { models: [], can, threads: 0, selfTests: [], loadMs: performance.now() - start, residentBytes } };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
