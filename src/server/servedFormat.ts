import { END_NAMES, MARKER_SPELLINGS, type MarkerSpelling } from "../protocol/markerSpellings.js";
import type { ServedFormatName } from "../protocol/messages.js";

/** How a family of models reads a hole, in the spelling of its own tokens. */
export interface MarkedFormat {
  readonly name: ServedFormatName;
  readonly order: "prefixFirst" | "suffixFirst";
  /** With white space that belongs to it; "" where there is none. */
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  /** Markers of other files; absent where they are named in comments. */
  readonly files?: { readonly repository: string; readonly file: string };
  /** Each of these ends a text. */
  readonly ends: readonly string[];
}

/** `infill` and `suffix` leave it to the server to lay out what stands around a hole. */
export type ServedFormat = MarkedFormat | { readonly name: "infill" | "suffix" };

function marked(name: ServedFormatName, spelling: MarkerSpelling, change: Partial<MarkedFormat> = {}): MarkedFormat {
  const { prefix, suffix, middle, pad, repository, file } = spelling;
  const ends = [...END_NAMES.filter((end) => end.startsWith("<|") || end.startsWith("<｜")), prefix, suffix, middle, pad, repository, file];
  return {
    name,
    order: "prefixFirst",
    prefix,
    suffix,
    middle,
    ...(repository !== "" && file !== "" && { files: { repository, file } }),
    ends: ends.filter((end) => end !== ""),
    ...change,
  };
}

/** Families that no local model is imported from, by what their makers publish; spaces belong to the markers of Code Llama. */
const CODELLAMA: MarkerSpelling = { prefix: "<PRE> ", suffix: " <SUF>", middle: " <MID>", pad: "", repository: "", file: "" };
const CODEGEMMA: MarkerSpelling = { ...MARKER_SPELLINGS.qwen, pad: "", repository: "", file: "<|file_separator|>" };
const CODESTRAL: MarkerSpelling = { prefix: "[PREFIX]", suffix: "[SUFFIX]", middle: "", pad: "", repository: "", file: "" };

const FORMATS: Readonly<Record<Exclude<ServedFormatName, "auto">, ServedFormat>> = {
  qwen: marked("qwen", MARKER_SPELLINGS.qwen),
  starcoder: marked("starcoder", MARKER_SPELLINGS.starcoder),
  deepseek: marked("deepseek", MARKER_SPELLINGS.deepseek),
  codellama: marked("codellama", CODELLAMA, { ends: ["<EOT>", " <EOT>", "</s>"] }),
  codegemma: marked("codegemma", CODEGEMMA, { ends: ["<|file_separator|>", "<eos>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"] }),
  codestral: marked("codestral", CODESTRAL, { order: "suffixFirst", ends: ["</s>", "[PREFIX]", "[SUFFIX]"] }),
  // This project's own models, which read the suffix first, and other files in comments.
  lacuna: marked("lacuna", { ...MARKER_SPELLINGS.qwen, pad: "", repository: "", file: "" }, { order: "suffixFirst" }),
  infill: { name: "infill" },
  suffix: { name: "suffix" },
};

/** What is known of families by the names that their models are served under, the first that fits. */
const NAMES: readonly (readonly [pattern: RegExp, format: Exclude<ServedFormatName, "auto">])[] = [
  [/lacuna/i, "lacuna"],
  [/qwen[\w.-]*coder|codeqwen/i, "qwen"],
  [/star-?coder-?2|granite[\w.-]*code/i, "starcoder"],
  [/deepseek-?coder/i, "deepseek"],
  [/code-?llama/i, "codellama"],
  [/code-?gemma/i, "codegemma"],
  [/codestral/i, "codestral"],
];

/**
 * How a served model reads a hole.
 *
 * @param names what it is served as, and what it was loaded from; @returns undefined where its name says nothing
 */
export function servedFormat(wanted: ServedFormatName, names: readonly string[]): ServedFormat | undefined {
  if (wanted !== "auto") return FORMATS[wanted];
  const found = NAMES.find(([pattern]) => names.some((name) => pattern.test(name)));
  return found === undefined ? undefined : FORMATS[found[1]];
}

/** Whether a format says itself what stands where. */
export function isMarked(format: ServedFormat): format is MarkedFormat {
  return "order" in format;
}
