/** What the fill-in-the-middle markers of a family of models, and its markers of other files, are called in its tokenizer; "" where it has none. */
export interface MarkerSpelling {
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  readonly pad: string;
  readonly repository: string;
  readonly file: string;
}

/** How families spell their markers. Source: the tokenizers that each of them is published with. */
export const MARKER_SPELLINGS = {
  /** Qwen2.5-Coder, Qwen3-Coder; this project's own models. */
  qwen: {
    prefix: "<|fim_prefix|>",
    suffix: "<|fim_suffix|>",
    middle: "<|fim_middle|>",
    pad: "<|fim_pad|>",
    repository: "<|repo_name|>",
    file: "<|file_sep|>",
  },
  /** StarCoder2, Granite Code. */
  starcoder: {
    prefix: "<fim_prefix>",
    suffix: "<fim_suffix>",
    middle: "<fim_middle>",
    pad: "<fim_pad>",
    repository: "<repo_name>",
    file: "<file_sep>",
  },
  /** DeepSeek-Coder: bars of full width, lower blocks; what it calls the hole stands where the suffix begins. */
  deepseek: { prefix: "<｜fim▁begin｜>", suffix: "<｜fim▁hole｜>", middle: "<｜fim▁end｜>", pad: "", repository: "", file: "" },
} as const satisfies Readonly<Record<string, MarkerSpelling>>;

/** Tokens that end a text in some family, whether or not a file says so. */
export const END_NAMES = ["<|endoftext|>", "<|im_end|>", "<|end_of_text|>", "<|eot_id|>", "<|EOT|>", "<｜end▁of▁sentence｜>", "</s>"];
