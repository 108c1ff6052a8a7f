import { existsSync } from "node:fs";
import path from "node:path";
import { unusable } from "../../unusable.js";
import type { Checkpoint, StatedTokens } from "../checkpoint.js";
import { readNetwork } from "./readNetwork.js";
import { readJson, type Json } from "./json.js";
import { readText } from "../readText.js";
import { Safetensors } from "./safetensors.js";

const REMEDY = "Name a .gguf file, or a folder with config.json, tokenizer.json and model.safetensors, as it is downloaded from a model hub.";

/** Tensors that some files hold although nothing is to be learnt from them. */
const IGNORED = /\.rotary_emb\.inv_freq$/;

/**
 * Opens a Hugging Face folder as a checkpoint.
 *
 * @returns the checkpoint, and what closes its files
 * @throws LacunaError `checkpointUnusable`
 */
export function openFolderCheckpoint(folder: string): { checkpoint: Checkpoint; close: () => void } {
  if (!existsSync(path.join(folder, "config.json"))) throw unusable(`is no model: ${folder} holds no config.json`, undefined, REMEDY);
  const json = readJson(folder, "config.json");
  const network = readNetwork(json);
  const optional = (name: string): string | undefined => {
    const file = path.join(folder, name);
    return existsSync(file) ? readText(file) : undefined;
  };
  const tokenizer = optional("tokenizer.json");
  if (tokenizer === undefined) throw unusable("has no tokenizer.json", undefined, REMEDY);
  const [stated, settings] = [statedEnds(folder, json), optional("lacuna.json")];
  const tensors = Safetensors.open(folder);
  const names = tensors.names.filter((name) => !IGNORED.test(name));
  const checkpoint: Checkpoint = {
    network,
    tokenizer,
    stated,
    settings,
    name: path.basename(path.resolve(folder)),
    licence: undefined,
    lengthBias: json.lacuna_length_bias,
    tensorNames: network.tiedEmbedding ? names.filter((name) => name !== "lm_head.weight") : names,
    tensor: (name, rows, columns) => tensors.tensor(name, rows, columns),
    weightFiles: tensors.files,
  };
  return { checkpoint, close: () => tensors.close() };
}

/** Ids that config.json and generation_config.json name as ends. */
function statedEnds(folder: string, config: Json): StatedTokens {
  const generation = existsSync(path.join(folder, "generation_config.json")) ? readJson(folder, "generation_config.json") : {};
  const ids = [config, generation].flatMap(({ eos_token_id: id }) => (Array.isArray(id) ? (id as unknown[]) : [id]));
  return { ends: [...new Set(ids)].filter((id): id is number => Number.isInteger(id) && Number(id) >= 0) };
}
