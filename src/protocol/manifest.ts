import type { WeightFormat } from "./messages.js";
import { LacunaError } from "./errors.js";
import { PLACE_KINDS, type SuggestionBars } from "./suggestionBars.js";

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

type Shape = { readonly [key: string]: "string" | "number" | "object" | "ids" | "optionalNumber" | "optionalString" | "optionalBoolean" };

const MODEL: Shape = {
  name: "string",
  weights: "string",
  parameters: "number",
  licence: "string",
  origin: "string",
};
/** What names the files of each role. */
const FILES: Readonly<Record<ManifestModel["role"], readonly string[]>> = {
  verifier: ["tokenizer", "graph", "data"],
  diffuser: ["tokenizer", "graph", "data"],
  reader: ["graph", "data", "sequential", "sequentialData"],
};
const CONTEXT: Shape = { contextTokens: "number", vocabSize: "number", cache: "object" };
const VERIFIER: Shape = { prompt: "object", ends: "ids", forbidden: "ids", sourceSha256: "optionalString", usesDefinitions: "optionalBoolean" };
const READER: Shape = {
  verifier: "string",
  headTokens: "number",
  rank: "number",
  hiddenSize: "number",
  reads: "ids",
  maxSlots: "number",
  isAutoregressive: "optionalBoolean",
};
const DIFFUSER: Shape = { verifier: "string", maxSlots: "number", suffixHeadTokens: "number", canvas: "object" };
const FILE: Shape = { path: "string", sha256: "string", bytes: "number" };
const CACHE: Shape = { layers: "number", kvHeads: "number", headDim: "number", type: "string" };
const PROMPT: Shape = { order: "string", start: "ids", suffix: "ids", prefix: "ids", middle: "ids", related: "object" };
const CANVAS: Shape = {
  mask: "number",
  goesOn: "number",
  meets: "number",
  flexible: "optionalNumber",
  expand: "optionalNumber",
  end: "number",
};
const BARS: Shape = Object.fromEntries(PLACE_KINDS.map((kind) => [kind, "number" as const]));
const LENGTH_BIAS: Shape = { a: "number", b: "number", c: "number", d: "number", e: "number" };

/**
 * Checks the JSON text of a manifest.
 *
 * @throws LacunaError `manifestInvalid`, naming the first field that is not as it must be
 */
export function parseManifest(json: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid("is not JSON", cause);
  }
  const { formatVersion, models } = checked(value, { formatVersion: "number", models: "object" }, "manifest");
  if (formatVersion !== 2) throw invalid(`has format version ${String(formatVersion)}, not 2`);
  if (!Array.isArray(models)) throw invalid("has no list of models");
  models.forEach((entry: unknown, index) => checkModel(entry, `models[${index}]`));
  const roles = (models as ManifestModel[]).map(({ role }) => role);
  if (roles.filter((role) => role === "verifier").length !== 1) throw invalid("must name one verifier");
  if (roles.length > 2) throw invalid("names more than one diffuser or reader");
  return value as Manifest;
}

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

function checkModel(entry: unknown, where: string): void {
  const model = checked(entry, MODEL, where);
  const { role } = model;
  if (role !== "verifier" && role !== "diffuser" && role !== "reader") throw invalid(`names an unknown role in ${where}`);
  for (const file of FILES[role]) checked(model[file], FILE, `${where}.${file}`);
  if (role === "reader") {
    const { reads } = checked(model, READER, where);
    if ((reads as number[]).length === 0) throw invalid(`names no layer in ${where}.reads`);
  } else {
    const { cache } = checked(model, CONTEXT, where);
    const { type } = checked(cache, CACHE, `${where}.cache`);
    if (type !== "float32" && type !== "float16") throw invalid(`names an unknown type in ${where}.cache`);
  }
  if (role === "verifier") checkVerifier(model, where);
  if (role === "diffuser") checked(checked(model, DIFFUSER, where).canvas, CANVAS, `${where}.canvas`);
  if (role !== "verifier" && model.lengthBias !== undefined) checked(model.lengthBias, LENGTH_BIAS, `${where}.lengthBias`);
}

function checkVerifier(model: Record<string, unknown>, where: string): void {
  checked(model, VERIFIER, where);
  const { order, related } = checked(model.prompt, PROMPT, `${where}.prompt`);
  if (order !== "suffixFirst" && order !== "prefixFirst") throw invalid(`names an unknown order in ${where}.prompt`);
  const { form } = checked(related, { form: "string" }, `${where}.prompt.related`);
  if (form === "repository") checked(related, { repository: "ids", file: "ids" }, `${where}.prompt.related`);
  else if (form !== "comment") throw invalid(`names an unknown form in ${where}.prompt.related`);
  if ((model.ends as number[]).length === 0) throw invalid(`names no end in ${where}.ends`);
  if (model.suggestionBars === undefined) return;
  const levels = checked(model.suggestionBars, { balanced: "object", sure: "object" }, `${where}.suggestionBars`);
  for (const level of ["balanced", "sure"]) checked(levels[level], BARS, `${where}.suggestionBars.${level}`);
}

function checked(value: unknown, shape: Shape, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw invalid(`lacks ${where}`);
  const record = value as Record<string, unknown>;
  for (const [key, type] of Object.entries(shape)) {
    const field = record[key];
    const isThere =
      type === "ids"
        ? Array.isArray(field) && field.every((id) => Number.isInteger(id) && id >= 0)
        : type.startsWith("optional")
          ? field === undefined || typeof field === type.slice("optional".length).toLowerCase()
          : typeof field === type && field !== null;
    if (!isThere) throw invalid(`lacks ${where}.${key} (${type === "ids" ? "list of token ids" : type})`);
  }
  return record;
}

function invalid(what: string, cause?: unknown): LacunaError {
  const remedy = "Reinstall Lacuna, or convert the model again with `lacuna import`.";
  return new LacunaError("manifestInvalid", `The model manifest ${what}.`, remedy, cause);
}
