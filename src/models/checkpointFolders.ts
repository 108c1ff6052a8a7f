import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { canFillWith, FAMILIES, type CacheShape, type ModelFacts } from "./modelFacts.js";
import { smallText } from "./otherTools.js";

/** A folder with config.json and safetensors, as the hub's own programs keep it. */
export interface CheckpointFolder {
  readonly path: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Of its safetensors. */
  readonly bytes: number;
  readonly facts: ModelFacts;
}

type Json = Readonly<Record<string, unknown>>;

const BYTES_PER_WEIGHT: Readonly<Record<string, number>> = { float32: 4, float16: 2, bfloat16: 2 };

/**
 * The checkpoints in caches of the hub. Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache, the layout
 * `models--OWNER--NAME/snapshots/COMMIT`, whose entries are links into `blobs`. Folders that are no whole checkpoint are passed over.
 */
export async function checkpointFolders(caches: readonly string[]): Promise<CheckpointFolder[]> {
  const found = new Map<string, CheckpointFolder>();
  for (const cache of caches) {
    for (const repository of await names(cache)) {
      const name = /^models--(.+)$/.exec(repository)?.[1].replace("--", "/");
      const snapshots = path.join(cache, repository, "snapshots");
      for (const commit of name === undefined ? [] : await names(snapshots)) {
        const folder = path.join(snapshots, commit);
        const real = await realpath(folder).catch(() => undefined);
        const checkpoint = real === undefined ? undefined : await checkpointAt(folder, name ?? "");
        if (real !== undefined && checkpoint !== undefined) found.set(real, checkpoint);
      }
    }
  }
  return [...found.values()];
}

async function checkpointAt(folder: string, repository: string): Promise<CheckpointFolder | undefined> {
  const config = parsed(await smallText(path.join(folder, "config.json")));
  const weights = (await names(folder)).filter((name) => name.endsWith(".safetensors"));
  const sizes = await Promise.all(weights.map((name) => stat(path.join(folder, name)).then((facts) => facts.size, () => 0))); // prettier-ignore
  if (config === undefined || typeof config.model_type !== "string" || sizes.length === 0 || sizes.includes(0)) return undefined;
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const dtype = String(config.torch_dtype ?? config.dtype ?? "");
  const facts: ModelFacts = {
    architecture: config.model_type,
    name: repository,
    parameters: Math.round(bytes / (BYTES_PER_WEIGHT[dtype] ?? 2)),
    quantization: dtype,
    contextTokens: typeof config.max_position_embeddings === "number" ? config.max_position_embeddings : undefined,
    cache: cacheOf(config),
    licence: "",
    canFill: canFillWith(await addedTokens(folder)),
    part: undefined,
    obstacle: obstacleOf(config),
  };
  return { path: folder, repository, bytes, facts };
}

function cacheOf(config: Json): CacheShape | undefined {
  const fact = (key: string): number => (typeof config[key] === "number" ? config[key] : NaN);
  const either = (value: number, otherwise: number): number => (Number.isNaN(value) ? otherwise : value);
  const [layers, heads] = [fact("num_hidden_layers"), fact("num_attention_heads")];
  const kvHeads = either(fact("num_key_value_heads"), heads);
  const headDim = either(fact("head_dim"), fact("hidden_size") / heads);
  return Number.isNaN(layers * kvHeads * headDim) ? undefined : { layers, kvHeads, headDim };
}

function obstacleOf(config: Json): string {
  if (!FAMILIES.includes(String(config.model_type))) return `is of the family ${String(config.model_type)}, not ${FAMILIES.join(", ")}`;
  if (config.quantization_config !== undefined) return "is quantized already (quantization_config)";
  if (config.rope_scaling !== undefined && config.rope_scaling !== null) return "stretches its positions (rope scaling)";
  return "";
}

/** The special tokens that tokenizer_config.json names. */
async function addedTokens(folder: string): Promise<Set<string>> {
  const { added_tokens_decoder: decoder } = parsed(await smallText(path.join(folder, "tokenizer_config.json"))) ?? {};
  const entries = typeof decoder === "object" && decoder !== null ? Object.values(decoder) : [];
  return new Set(entries.map((entry) => String((entry as { content?: unknown } | null)?.content)));
}

function parsed(json: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
