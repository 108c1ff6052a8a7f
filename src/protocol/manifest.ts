import type { WeightFormat } from "./messages.js";
import type { SuggestionBars } from "./suggestionBars.js";

/** A file of a model, with what it must be. `path` is relative to the manifest. */
export interface ManifestFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Keys and values of one model. */
export interface CacheShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly type: "float32" | "float16";
}

/** Where the text around a hole stands in a prompt; ids are of the model's own tokenizer. */
export interface PromptFormatData {
  readonly order: "suffixFirst" | "prefixFirst";
  /** Before everything else. */
  readonly start: readonly number[];
  /** Right before the suffix's text. */
  readonly suffix: readonly number[];
  /** Right before the prefix's text. */
  readonly prefix: readonly number[];
  /** Right before what is written; none where the prefix simply goes on. */
  readonly middle: readonly number[];
  /**
   * How pieces of other files stand in it. `comment`: at the head of the prefix, each behind a comment that names its file.
   * `repository`: before everything, each as `file`, its path, a line end, its text, all of them behind `repository` and a name.
   */
  readonly related:
    | { readonly form: "comment" }
    | { readonly form: "repository"; readonly repository: readonly number[]; readonly file: readonly number[] };
}

/** Ids that a diffuser's canvases are made of. */
export interface CanvasIds {
  /** An undecided slot. */
  readonly mask: number;
  /** Behind a draft: the text goes on. */
  readonly goesOn: number;
  /** Behind a canvas whose length is meant, before the suffix's first tokens. */
  readonly meets: number;
  /** The same behind a canvas whose slots may split or go; absent where the model knows no such canvas. */
  readonly flexible?: number;
  /** An answer: the slot splits in two. */
  readonly expand?: number;
  /** An answer: the text ends here; in a flexible canvas, the slot goes. */
  readonly end: number;
}

/** The constants of CAL's B(L) = a e^(-bL) + c e^(-dL) + e. */
export interface LengthBias {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
}

interface ModelEntry {
  readonly name: string;
  readonly weights: WeightFormat;
  readonly parameters: number;
  readonly graph: ManifestFile;
  readonly data: ManifestFile;
  readonly licence: string;
  readonly origin: string;
}

interface ContextEntry extends ModelEntry {
  /** Longest text that the model was made for, in tokens. */
  readonly contextTokens: number;
  readonly vocabSize: number;
  readonly tokenizer: ManifestFile;
  readonly cache: CacheShape;
}

export interface VerifierEntry extends ContextEntry {
  readonly role: "verifier";
  /**
   * SHA-256 of the weight files that it was imported from, one after the other in the order of their names: what readers are trained
   * for. Absent where it was imported before there were readers; its graph then gives no hidden states.
   */
  readonly sourceSha256?: string;
  readonly prompt: PromptFormatData;
  /** Each of these ends a text. */
  readonly ends: readonly number[];
  /** Never written: the added tokens that are no ends. */
  readonly forbidden: readonly number[];
  /** Where they were fitted. */
  readonly suggestionBars?: SuggestionBars;
  /** Whether definitions of names about the cursor help it, where that was measured; default: they do. */
  readonly usesDefinitions?: boolean;
}

export interface DiffuserEntry extends ContextEntry {
  readonly role: "diffuser";
  /** sha256 of the weights of the verifier that it belongs to. */
  readonly verifier: string;
  /** Longest canvas, in slots. */
  readonly maxSlots: number;
  /** How many tokens of the suffix stand behind an infilling canvas. */
  readonly suffixHeadTokens: number;
  readonly canvas: CanvasIds;
  /** Where they were fitted. */
  readonly lengthBias?: LengthBias;
}

/** A diffuser without a context of its own, which reads the verifier's cache. Its files lie beside the verifier's, whose embedding it shares. */
export interface ReaderEntry extends ModelEntry {
  readonly role: "reader";
  /** sha256 of the weights of the verifier that it belongs to. */
  readonly verifier: string;
  /** The graph of its sequential head: what the token before a slot adds to the slot's scores. */
  readonly sequential: ManifestFile;
  /**
   * Weights of that graph, each from the next multiple of 4,096 bytes on, little-endian: ids of the head's tokens as 32-bit integers, the
   * vectors of the tokens before slots, those of the classes, and that of the certainty, as 32-bit floats.
   */
  readonly sequentialData: ManifestFile;
  /** Tokens that its head knows; the class after them is END. */
  readonly headTokens: number;
  /** Length of the vectors of the sequential head. */
  readonly rank: number;
  readonly hiddenSize: number;
  /** Layers of the verifier whose keys and values it reads, each once. */
  readonly reads: readonly number[];
  /** Longest canvas, in slots. */
  readonly maxSlots: number;
  /** Whether it writes one token a pass, and so drafts, and fills no holes; absent: it fills canvases. */
  readonly isAutoregressive?: boolean;
  /** Where they were fitted. */
  readonly lengthBias?: LengthBias;
}

/** A model with a context of its own. */
export type DecoderEntry = VerifierEntry | DiffuserEntry;
export type ManifestModel = DecoderEntry | ReaderEntry;

/** manifest.json of a models folder: one verifier, and the diffuser or the reader that belongs to it if there is one. */
export interface Manifest {
  readonly formatVersion: 2;
  readonly models: readonly ManifestModel[];
}

/** What names the files of each role. */
export const FILES: Readonly<Record<ManifestModel["role"], readonly string[]>> = {
  verifier: ["tokenizer", "graph", "data"],
  diffuser: ["tokenizer", "graph", "data"],
  reader: ["graph", "data", "sequential", "sequentialData"],
};

/** The verifier of a manifest. */
export function verifierOf({ models }: Manifest): VerifierEntry {
  return models.find(({ role }) => role === "verifier") as VerifierEntry;
}

/** The diffuser of a manifest, if it has one. */
export function diffuserOf({ models }: Manifest): DiffuserEntry | undefined {
  return models.find((model) => model.role === "diffuser");
}

/** The reader of a manifest, if it has one. */
export function readerOf({ models }: Manifest): ReaderEntry | undefined {
  return models.find((model) => model.role === "reader");
}

/** The models of a manifest that have a context of their own. */
export function decodersOf({ models }: Manifest): DecoderEntry[] {
  return models.filter((model) => model.role !== "reader");
}

/** All files of a model. */
export function filesOf(model: ManifestModel): ManifestFile[] {
  return FILES[model.role].map((name) => (model as unknown as Record<string, ManifestFile>)[name]);
}
