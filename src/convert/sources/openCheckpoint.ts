import { statSync, type Stats } from "node:fs";
import { unusable } from "../unusable.js";
import type { Checkpoint } from "./checkpoint.js";
import { openGgufCheckpoint } from "./gguf/ggufCheckpoint.js";
import { openFolderCheckpoint } from "./huggingFace/folderCheckpoint.js";
import { tensorShapes } from "./network.js";

const REMEDY = "Name a .gguf file, or a folder with config.json, tokenizer.json and model.safetensors.";

/**
 * Opens what a person named: a GGUF file or a Hugging Face folder. All its tensors are there and of the right shape, and
 * there is none that the network has no place for.
 *
 * @returns the checkpoint, and what closes its files
 * @throws LacunaError `checkpointUnusable`
 */
export function openCheckpoint(source: string): { checkpoint: Checkpoint; close: () => void } {
  let stat: Stats;
  try {
    stat = statSync(source);
  } catch (cause) {
    throw unusable(`does not exist, or cannot be read: ${source}`, cause, REMEDY);
  }
  // A pipe would be waited for, and a device never ends.
  if (!stat.isDirectory() && !stat.isFile()) throw unusable(`is neither a file nor a folder: ${source}`, undefined, REMEDY);
  const opened = stat.isDirectory() ? openFolderCheckpoint(source) : openGgufCheckpoint(source);
  try {
    checkTensors(opened.checkpoint);
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

function checkTensors({ network, tensorNames, tensor }: Checkpoint): void {
  const shapes = tensorShapes(network);
  for (const [name, [rows, columns]] of shapes) tensor(name, rows, columns);
  const extra = tensorNames.find((name) => !shapes.has(name));
  if (extra !== undefined) throw unusable(`holds the tensor ${extra}, which a ${network.family} network has no place for`);
}
