import type { GgufHeader } from "../gguf/ggufHeader.js";
import { GgufList } from "../gguf/ggufList.js";
import { BrokenHeader } from "../gguf/headerCursor.js";
import { isTensorType, kindName, TENSOR_KINDS } from "../gguf/tensorKind.js";
import { plainText } from "../protocol/plainText.js";
import { FILE_TYPES } from "./fileTypes.js";
import { canFillWith, FAMILIES, FIM_TOKENS, type CacheShape, type ModelFacts } from "./modelFacts.js";

/** Keys under which a file names the ids of these tokens itself; the second ones are older. */
const FIM_KEYS = [
  ["fim_pre_token_id", "prefix_token_id"],
  ["fim_suf_token_id", "suffix_token_id"],
  ["fim_mid_token_id", "middle_token_id"],
];

/**
 * Reads the facts out of a header.
 *
 * @param fileBytes size of the file
 * @throws BrokenHeader when the file says nothing of its architecture, or is too short for its tensors
 */
export function ggufFacts(header: GgufHeader, fileBytes: number): ModelFacts {
  const { metadata, tensors } = header;
  const architecture = text(header, "general.architecture");
  if (architecture === "") throw new BrokenHeader("does not say what architecture it has");
  const leastBytes = leastBytesOf(header);
  if (leastBytes > fileBytes) throw new BrokenHeader(`is cut short: it has ${fileBytes} of ${leastBytes} bytes`);
  const count = number(header, "split.count") ?? 1;
  return {
    architecture,
    name: plainText(text(header, "general.name")),
    parameters: number(header, "general.parameter_count") ?? tensors.reduce((sum, { values }) => sum + values, 0),
    quantization: quantizationOf(header),
    contextTokens: number(header, `${architecture}.context_length`),
    cache: cacheOf(header, architecture),
    licence: plainText(text(header, "general.license")),
    canFill: canFill(header),
    part: count > 1 ? { index: (number(header, "split.no") ?? 0) + 1, count } : undefined,
    obstacle: obstacleOf(header, architecture, metadata.get("tokenizer.ggml.model")),
  };
}

/** The least bytes that the file must have for its tensors to lie in it, as far as the sizes of their kinds are known. */
function leastBytesOf({ tensors, dataBegin }: GgufHeader): number {
  return tensors.reduce((least, { kind, values, offset }) => {
    const size = TENSOR_KINDS.get(kind);
    return size === undefined ? least : Math.max(least, dataBegin + offset + Math.ceil(values / size.values) * size.bytes);
  }, 0);
}

function quantizationOf(header: GgufHeader): string {
  const named = FILE_TYPES.get(number(header, "general.file_type") ?? -1);
  if (named !== undefined) return named;
  const sizes = new Map<number, number>();
  for (const { kind, values } of header.tensors) sizes.set(kind, (sizes.get(kind) ?? 0) + values);
  const [largest] = [...sizes].sort(([, left], [, right]) => right - left);
  return largest === undefined ? "" : kindName(largest[0]);
}

function canFill({ metadata }: GgufHeader): boolean {
  const isNamed = FIM_KEYS.every((keys) => keys.some((key) => typeof metadata.get(`tokenizer.ggml.${key}`) === "number"));
  return isNamed || canFillWith(fimTokensOf(metadata.get("tokenizer.ggml.tokens")));
}

function cacheOf(header: GgufHeader, architecture: string): CacheShape | undefined {
  const fact = (key: string): number | undefined => number(header, `${architecture}.${key}`);
  const [layers, heads] = [fact("block_count"), fact("attention.head_count")];
  const headDim = fact("attention.key_length") ?? (fact("embedding_length") ?? NaN) / (heads ?? NaN);
  const kvHeads = fact("attention.head_count_kv") ?? heads;
  return layers === undefined || kvHeads === undefined || Number.isNaN(headDim) ? undefined : { layers, kvHeads, headDim };
}

const DECODER = new TextDecoder();
const LONGEST_FIM_TOKEN = 64;
const FIM_BEGINNINGS = new Set([...FIM_TOKENS].map((token) => token.charCodeAt(0)));

/** Those of `FIM_TOKENS` that a vocabulary has. */
function fimTokensOf(vocabulary: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  if (!(vocabulary instanceof GgufList)) return found;
  for (const text of vocabulary.textBytes()) {
    // Most of a hundred thousand texts need not be decoded.
    if (text.length > LONGEST_FIM_TOKEN || !FIM_BEGINNINGS.has(text[0])) continue;
    const token = DECODER.decode(text);
    if (FIM_TOKENS.has(token)) found.add(token);
  }
  return found;
}

function obstacleOf(header: GgufHeader, architecture: string, tokenizer: unknown): string {
  if (!FAMILIES.includes(architecture)) return `is of the family ${architecture}, not ${FAMILIES.join(", ")}`;
  const isPart = (number(header, "split.no") ?? 0) > 0;
  // Only the first part of a split model says what its tokenizer is.
  if (!isPart && tokenizer !== "gpt2") return `has a tokenizer of the kind ${JSON.stringify(tokenizer ?? "none")}, not "gpt2"`;
  const scaling = text(header, `${architecture}.rope.scaling.type`);
  const factor = number(header, `${architecture}.rope.scaling.factor`) ?? number(header, `${architecture}.rope.scale_linear`) ?? 1;
  if ((scaling !== "" && scaling !== "none") || factor !== 1) return "stretches its positions (rope scaling)";
  if ((number(header, `${architecture}.expert_count`) ?? 0) > 0) return "is a mixture of experts";
  const foreign = header.tensors.find(({ kind }) => !isTensorType(kindName(kind)));
  if (foreign !== undefined) return `stores weights as ${kindName(foreign.kind)}`;
  return "";
}

function text({ metadata }: GgufHeader, key: string): string {
  const value = metadata.get(key);
  return typeof value === "string" ? value : "";
}

function number({ metadata }: GgufHeader, key: string): number | undefined {
  const value = metadata.get(key);
  return typeof value === "number" ? value : undefined;
}
