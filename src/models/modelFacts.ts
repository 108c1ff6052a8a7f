/** A token takes a key and a value of `headDim` numbers for each of `kvHeads` heads in each of `layers` layers. */
export interface CacheShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** What a person wants to know of a model before it is imported. */
export interface ModelFacts {
  readonly architecture: string;
  /** As the model calls itself; "" where it does not. */
  readonly name: string;
  readonly parameters: number;
  /** How the weights are stored, as files of this kind are named: "Q4_K_M". */
  readonly quantization: string;
  readonly contextTokens: number | undefined;
  /** What it keeps of each token it has read; undefined where the model does not say. */
  readonly cache: CacheShape | undefined;
  /** As the model states it; "" where it does not. */
  readonly licence: string;
  /** Its vocabulary has the tokens that say where a hole is. */
  readonly canFill: boolean;
  /** Which of how many files it is, from 1; undefined for a whole model. */
  readonly part: { readonly index: number; readonly count: number } | undefined;
  /** Why Lacuna cannot import it: completes "It ..."; "" when nothing in the header speaks against it. */
  readonly obstacle: string;
}

/** The families that Lacuna can import. */
export const FAMILIES: readonly string[] = ["qwen2", "llama", "qwen3"];

/** Each family's way to spell where a hole is: the prefix's, the suffix's and the middle's token. */
const FIM_SPELLINGS: readonly (readonly [string, string, string])[] = [
  ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
  ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
  ["<fim-prefix>", "<fim-suffix>", "<fim-middle>"],
  ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
  ["<PRE>", "<SUF>", "<MID>"],
];

/** The texts to look for in a vocabulary. */
export const FIM_TOKENS: ReadonlySet<string> = new Set(FIM_SPELLINGS.flat());

/** Whether a vocabulary with these texts has the tokens that say where a hole is. */
export function canFillWith(tokens: ReadonlySet<string>): boolean {
  return FIM_SPELLINGS.some((spelling) => spelling.every((token) => tokens.has(token)));
}
