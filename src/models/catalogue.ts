import { LacunaError } from "../protocol/errors.js";

/** A file in a repository of the model hub. */
export interface HubFile {
  /** `owner/name`. */
  readonly repository: string;
  /** Path in the repository, with forward slashes. */
  readonly file: string;
}

/** A model that can be had, and what is known of it before it is there. */
export interface CatalogueEntry extends HubFile {
  readonly name: string;
  readonly family: "qwen2" | "llama" | "qwen3";
  readonly licence: {
    readonly name: string;
    /** What a person has to know before taking it; "" where it may be used for everything. */
    readonly caution: string;
  };
  readonly parameters: number;
  /** Size of the file. What counts is the hub's own record, which is asked before anything is downloaded. */
  readonly bytes: number;
  /** `bytes` is rounded: nobody has counted them. */
  readonly isAbout: boolean;
  /** SHA-256 of the file, where it is known beforehand. */
  readonly sha256?: string;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Why this version cannot import it: completes "It ...". */
  readonly obstacle?: string;
  /** What it is good for, in a line. */
  readonly remark: string;
}

const APACHE = { name: "Apache-2.0", caution: "" };
const QWEN_RESEARCH = {
  name: "Qwen Research License",
  caution: "The Qwen Research License allows research and evaluation, and no commercial use.",
};
const DEEPSEEK = {
  name: "DeepSeek License",
  caution: "The DeepSeek License allows commercial use, and forbids the uses that it lists.",
};

const SMALL_QWEN = { family: "qwen2", layers: 24, kvHeads: 2, headDim: 64, parameters: 494_032_768, licence: APACHE } as const;
const QWEN_1_5B = { family: "qwen2", layers: 28, kvHeads: 2, headDim: 128, parameters: 1_543_714_304, licence: APACHE } as const;
const QWEN_3B = { family: "qwen2", layers: 36, kvHeads: 2, headDim: 128, parameters: 3_085_938_688, licence: QWEN_RESEARCH } as const;
const QWEN_7B = { family: "qwen2", layers: 28, kvHeads: 4, headDim: 128, parameters: 7_615_616_512, licence: APACHE } as const;

/**
 * Models whose shape and tokenizer Lacuna can import, and that were trained to fill in the middle; the smallest first.
 *
 * Sizes marked as being about right, licences and names are as the repositories' pages on huggingface.co state them.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    ...SMALL_QWEN,
    name: "qwen2.5-coder-0.5b",
    repository: "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    bytes: 491_400_064,
    isAbout: true,
    remark: "the fastest one that knows libraries",
  },
  {
    ...QWEN_1_5B,
    name: "qwen2.5-coder-1.5b",
    repository: "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    bytes: 1_117_320_768,
    isAbout: false,
    sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    remark: "the one to start with",
  },
  {
    ...QWEN_1_5B,
    name: "qwen2.5-coder-1.5b-base",
    repository: "ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF",
    file: "qwen2.5-coder-1.5b-q8_0.gguf",
    bytes: 1_650_000_000,
    isAbout: true,
    remark: "not taught to chat, 8 bits a weight",
  },
  {
    family: "llama",
    layers: 24,
    kvHeads: 16,
    headDim: 128,
    parameters: 1_346_471_936,
    licence: DEEPSEEK,
    name: "deepseek-coder-1.3b-base",
    repository: "TheBloke/deepseek-coder-1.3b-base-GGUF",
    file: "deepseek-coder-1.3b-base.Q4_K_M.gguf",
    bytes: 874_000_000,
    isAbout: true,
    obstacle: "stretches its positions by four (rope scaling)",
    remark: "trained to fill in, in many languages",
  },
  {
    ...QWEN_3B,
    name: "qwen2.5-coder-3b",
    repository: "Qwen/Qwen2.5-Coder-3B-Instruct-GGUF",
    file: "qwen2.5-coder-3b-instruct-q4_k_m.gguf",
    bytes: 2_100_000_000,
    isAbout: true,
    remark: "for a machine with some speed",
  },
  {
    family: "llama",
    layers: 30,
    kvHeads: 24,
    headDim: 128,
    parameters: 4_019_000_000,
    licence: APACHE,
    name: "mellum-4b-base",
    repository: "JetBrains/Mellum-4b-base-gguf",
    file: "mellum-4b-base.Q8_0.gguf",
    bytes: 4_270_000_000,
    isAbout: true,
    remark: "made for completion alone, 8 bits a weight",
  },
  {
    ...QWEN_7B,
    name: "qwen2.5-coder-7b",
    repository: "Qwen/Qwen2.5-Coder-7B-Instruct-GGUF",
    file: "qwen2.5-coder-7b-instruct-q4_k_m.gguf",
    bytes: 4_680_000_000,
    isAbout: true,
    remark: "for many cores or an accelerator",
  },
];

/**
 * The entry of a name.
 *
 * @throws LacunaError `modelUnknown`
 */
export function catalogueEntry(name: string): CatalogueEntry {
  const entry = CATALOGUE.find((each) => each.name === name.toLowerCase());
  if (entry !== undefined) return entry;
  const names = CATALOGUE.map((each) => each.name).join(", ");
  const remedy = `Choose one of ${names}, or name a file of the hub: OWNER/REPOSITORY/FILE.gguf.`;
  throw new LacunaError("modelUnknown", `There is no ${name} in the catalogue.`, remedy);
}

/** A file of the hub that is written out as `owner/repository/path`; undefined for anything else. */
export function parseHubFile(text: string): HubFile | undefined {
  const match = /^([\w.-]+\/[\w.-]+)\/((?:[\w.-]+\/)*[\w.-]+\.gguf)$/i.exec(text);
  if (match === null || text.split("/").some((part) => /^\.+$/.test(part))) return undefined;
  return { repository: match[1], file: match[2] };
}
