import { unusable } from "../../unusable.js";
import type { HeaderValue } from "../../../gguf/ggufHeader.js";

/** How text is cut before merges are looked for, as parts of a tokenizer.json. */
export interface PreTokenizer {
  readonly normalizer: object | null;
  readonly preTokenizer: object;
  /** A piece that is a token is taken whole. */
  readonly ignoresMerges: boolean;
}

/** White space by Unicode: what `\\s` stands for differs between implementations. */
const SPACE = "\\p{White_Space}";
const ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WORDS = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const SYMBOLS = ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n]*`;
const INNER_SPACES = `${SPACE}+(?!\\P{White_Space})|${SPACE}+`;
const SPACES = `${SPACE}*[\\r\\n]+|${INNER_SPACES}`;
const GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${INNER_SPACES}`;

const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
const splitting = (regex: string): object => ({ type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false });
const sequence = (...parts: object[]): object => ({ type: "Sequence", pretokenizers: parts });
const plain = (preTokenizer: object): PreTokenizer => ({ normalizer: null, preTokenizer, ignoresMerges: false });

// Not the part `Digits`: implementations differ in what they take for a digit.
const digitsApart = plain(sequence(splitting("\\p{N}"), splitting(GPT2), BYTE_LEVEL));
const asGpt2 = plain(sequence(splitting(GPT2), BYTE_LEVEL));
const threeDigits: PreTokenizer = {
  normalizer: null,
  preTokenizer: sequence(splitting(`${ENDINGS}|${WORDS}|\\p{N}{1,3}|${SYMBOLS}|${SPACES}`), BYTE_LEVEL),
  ignoresMerges: true,
};

/**
 * By the names of `tokenizer.ggml.pre`.
 *
 * Source: https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, `llm_tokenizer_bpe`.
 */
const BY_NAME: Readonly<Record<string, PreTokenizer>> = {
  "gpt-2": asGpt2,
  smollm: digitsApart,
  starcoder: digitsApart,
  refact: digitsApart,
  codeshell: digitsApart,
  qwen2: {
    normalizer: { type: "NFC" },
    preTokenizer: sequence(splitting(`${ENDINGS}|${WORDS}|\\p{N}|${SYMBOLS}|${SPACES}`), BYTE_LEVEL),
    ignoresMerges: false,
  },
  "llama-bpe": threeDigits,
  llama3: threeDigits,
  "llama-v3": threeDigits,
};

/** @throws LacunaError `checkpointUnusable` when it is none of those that are known */
export function preTokenizerOf(name: HeaderValue | undefined): PreTokenizer {
  if (typeof name !== "string" || !Object.hasOwn(BY_NAME, name)) {
    throw unusable(
      `cuts text in the way ${JSON.stringify(name)} (tokenizer.ggml.pre), which is not one of ${Object.keys(BY_NAME).join(", ")}`,
      undefined,
      "Import the Hugging Face folder of the same model, which holds its tokenizer.json.",
    );
  }
  return BY_NAME[name];
}
