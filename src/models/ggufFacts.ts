import type { GgufHeader } from "./ggufHeader.js";
import { BrokenHeader } from "./headerCursor.js";
import { canFillWith, FAMILIES, type ModelFacts } from "./modelFacts.js";
import { FILE_TYPES, TENSOR_TYPES } from "./tensorType.js";

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
  const { values, parameters, leastBytes } = header;
  const architecture = text(header, "general.architecture");
  if (architecture === "") throw new BrokenHeader("does not say what architecture it has");
  if (leastBytes > fileBytes) throw new BrokenHeader(`is cut short: it has ${fileBytes} of ${leastBytes} bytes`);
  const count = number(header, "split.count") ?? 1;
  return {
    architecture,
    name: text(header, "general.name"),
    parameters: number(header, "general.parameter_count") ?? parameters,
    quantization: quantizationOf(header),
    contextTokens: number(header, `${architecture}.context_length`),
    canFill: canFill(header),
    part: count > 1 ? { index: (number(header, "split.no") ?? 0) + 1, count } : undefined,
    obstacle: obstacleOf(header, architecture, values.get("tokenizer.ggml.model")),
  };
}

function quantizationOf(header: GgufHeader): string {
  const named = FILE_TYPES.get(number(header, "general.file_type") ?? -1);
  if (named !== undefined) return named;
  const [largest] = [...header.elements].sort(([, left], [, right]) => right - left);
  return largest === undefined ? "" : typeName(largest[0]);
}

function canFill({ values, tokens }: GgufHeader): boolean {
  const isNamed = FIM_KEYS.every((keys) => keys.some((key) => typeof values.get(`tokenizer.ggml.${key}`) === "number"));
  return isNamed || canFillWith(tokens);
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
  const foreign = [...header.elements.keys()].find((kind) => TENSOR_TYPES.get(kind)?.isImportable !== true);
  if (foreign !== undefined) return `stores weights as ${typeName(foreign)}`;
  return "";
}

const typeName = (kind: number): string => TENSOR_TYPES.get(kind)?.name ?? `kind ${kind}`;

function text({ values }: GgufHeader, key: string): string {
  const value = values.get(key);
  return typeof value === "string" ? value : "";
}

function number({ values }: GgufHeader, key: string): number | undefined {
  const value = values.get(key);
  return typeof value === "number" ? value : undefined;
}
