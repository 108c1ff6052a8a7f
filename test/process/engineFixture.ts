import { readFileSync } from "node:fs";
import path from "node:path";
import { EngineClient } from "../../src/client/engineClient.js";
import type { CompleteParams, InfillParams } from "../../src/protocol/messages.js";
import { testPair } from "../models/testPair.js";

export const enginePath = path.resolve("dist/engine.js");
/** Models for whatever holds for any weights. */
export const modelsDir = testPair;

/** A started engine with the test pair, or the models of another folder. */
export async function loadedEngine(folder = modelsDir): Promise<EngineClient> {
  const client = await EngineClient.start({ enginePath });
  try {
    await client.load({ modelsDir: folder, threads: 1 });
    return client;
  } catch (error) {
    await client.dispose();
    throw error;
  }
}

const source = readFileSync("media/demo/example.py", "utf8");

/** The example file cut at a line start, a third into it unless told otherwise. */
export function exampleHole(share = 0.33): { prefix: string; suffix: string } {
  const at = source.indexOf("\n", Math.floor(source.length * share)) + 1;
  return { prefix: source.slice(0, at), suffix: source.slice(at) };
}

export const completeParams: Omit<CompleteParams, "requestId"> = {
  ...exampleHole(),
  maxTokens: 48,
  temperature: 0,
  topP: 1,
  seed: 1,
  decoder: "deer",
  block: 7,
};

export const infillParams: Omit<InfillParams, "requestId"> = {
  ...exampleHole(),
  maxTokens: 32,
  temperature: 0.2,
  topP: 0.9,
  seed: 1,
  method: "lr",
};
