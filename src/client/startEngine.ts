import { EngineClient } from "./engineClient.js";
import { devicesOf } from "../protocol/devicesOf.js";
import type { Device } from "../protocol/messages.js";
import type { StartedEngine } from "./engineLife.js";
import { yieldToEditor } from "./yieldToEditor.js";

/** Where an engine and its models lie, and how wide it may run. */
export interface EngineSetup {
  readonly enginePath: string;
  readonly modelsDir: string;
  /** 0 lets the engine choose. */
  readonly threads: number;
  readonly device: Device | "auto";
  /** Where the engine keeps what it measured of this machine. */
  readonly stateDir?: string | undefined;
  readonly log: (line: string) => void;
}

/** Starts an engine of low priority and loads the models. @throws LacunaError */
export async function startEngine({ enginePath, modelsDir, threads, device, stateDir, log }: EngineSetup): Promise<StartedEngine> {
  const engine = await EngineClient.start({ enginePath, onLog: log });
  try {
    yieldToEditor(engine.identity.pid, log);
    const loaded = await engine.load({ modelsDir, threads, device, stateDir });
    log(`loaded ${loaded.models.map(({ name }) => name).join(", ")} on ${devicesOf(loaded.models)} in ${Math.round(loaded.loadMs)} ms`);
    return { engine, loaded };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
