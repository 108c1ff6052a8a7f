import { readFile } from "node:fs/promises";
import path from "node:path";
import { EngineClient } from "./engineClient.js";
import { devicesOf } from "../protocol/devicesOf.js";
import type { Device, LoadResult } from "../protocol/messages.js";
import { LacunaError } from "../protocol/errors.js";
import type { StartedEngine } from "./engineLife.js";
import { joinEngine } from "./joinEngine.js";
import { yieldToEditor } from "./yieldToEditor.js";

/** Where an engine and its models lie, how wide it may run, and who may use it. */
export interface EngineSetup {
  readonly enginePath: string;
  /** Variables for its environment, besides this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly modelsDir: string;
  /** 0 lets the engine choose. */
  readonly threads: number;
  readonly device: Device | "auto";
  /** Where the engine keeps what it measured of this machine. */
  readonly stateDir?: string | undefined;
  /** Whether it is the one that all windows of this person with this setup share. */
  readonly isShared: boolean;
  /** Called when the verifier has lost its device. */
  readonly onDeviceLost?: () => void;
  readonly log: (line: string) => void;
}

/**
 * Starts an engine of low priority, or finds the one that is shared, and loads the models. What keeps windows from sharing one is told, and
 * no failure: an engine of one's own is started.
 *
 * @throws LacunaError
 */
export async function startEngine(setup: EngineSetup): Promise<StartedEngine> {
  const { log } = setup;
  const engine = setup.isShared ? await sharedOrOwn(setup) : await ownEngine(setup);
  try {
    yieldToEditor(engine.identity.pid, log);
    return await withModels(engine, setup);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** An engine with its models loaded; what it has loaded is up to date when a device was lost. @throws LacunaError */
export async function withModels<E extends Pick<EngineClient, "load" | "onDeviceLost">>(
  engine: E,
  { modelsDir, threads, device, stateDir, log, onDeviceLost }: Omit<EngineSetup, "enginePath" | "isShared">,
): Promise<{ readonly engine: E; readonly loaded: LoadResult }> {
  let loaded: LoadResult | undefined;
  engine.onDeviceLost((models) => {
    // While models are loaded, the answer will say it.
    if (loaded === undefined) return;
    loaded = { ...loaded, models };
    log(`on ${devicesOf(models)} from now on, ${models[0].deviceReason}`);
    onDeviceLost?.();
  });
  const first = (loaded = await engine.load({ modelsDir, threads, device, stateDir }));
  log(`loaded ${first.models.map(({ name }) => name).join(", ")} on ${devicesOf(first.models)} in ${Math.round(first.loadMs)} ms`);
  return {
    engine,
    get loaded() {
      return loaded ?? first;
    },
  };
}

async function sharedOrOwn(setup: EngineSetup): Promise<EngineClient> {
  const { enginePath, variables = {}, modelsDir, threads, device, stateDir, log } = setup;
  try {
    const configuration = [modelsDir, await manifestOf(modelsDir), threads, device, stateDir];
    return await joinEngine({ enginePath, variables, configuration, onLog: log });
  } catch (error) {
    if (!(error instanceof LacunaError) || error.code !== "meetingRefused") throw error;
    log(`engine: one of this window's own, shared with no other. ${error.message} ${error.remedy}`);
    return ownEngine(setup);
  }
}

function ownEngine({ enginePath, variables = {}, log }: EngineSetup): Promise<EngineClient> {
  return EngineClient.start({ enginePath, variables, onLog: log });
}

/** It holds the hashes of all files: models that were replaced in their folder are others. */
function manifestOf(modelsDir: string): Promise<string | undefined> {
  return readFile(path.join(modelsDir, "manifest.json"), "utf8").catch(() => undefined);
}
