import { LacunaError } from "./errors.js";
import type { WeightFormat } from "./messages.js";

/** Ids of the special tokens; all models of one manifest share the tokenizer and so these. */
export interface SpecialIds {
  readonly eos: number;
  readonly fimPrefix: number;
  readonly fimMiddle: number;
  readonly fimSuffix: number;
  readonly mask: number;
  readonly expand: number;
  readonly sep: number;
  readonly fileSep: number;
}

/** A file of a model, with what it must be. `path` is relative to the manifest. */
export interface ManifestFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface ManifestModel {
  readonly name: string;
  readonly role: "verifier" | "diffuser";
  readonly weights: WeightFormat;
  readonly parameters: number;
  readonly contextTokens: number;
  readonly vocabSize: number;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Diffuser: longest canvas in slots. Verifier: 0. */
  readonly maxSlots: number;
  /** Diffuser: how many tokens of the suffix stand behind an infilling canvas. Verifier: 0. */
  readonly suffixHeadTokens: number;
  /** Diffuser: the constants of CAL's B(L), where they were fitted. */
  readonly lengthBias?: { readonly a: number; readonly b: number; readonly c: number; readonly d: number; readonly e: number };
  readonly graph: ManifestFile;
  readonly data: ManifestFile;
  readonly licence: string;
  readonly origin: string;
}

/** models/manifest.json. */
export interface Manifest {
  readonly formatVersion: 1;
  readonly tokenizer: ManifestFile;
  readonly specialIds: SpecialIds;
  readonly models: readonly ManifestModel[];
}

type Shape = { readonly [key: string]: "string" | "number" | "object" };

const MODEL_SHAPE: Shape = {
  name: "string",
  role: "string",
  weights: "string",
  parameters: "number",
  contextTokens: "number",
  vocabSize: "number",
  layers: "number",
  kvHeads: "number",
  headDim: "number",
  maxSlots: "number",
  suffixHeadTokens: "number",
  graph: "object",
  data: "object",
  licence: "string",
  origin: "string",
};
const FILE_SHAPE: Shape = { path: "string", sha256: "string", bytes: "number" };
const SPECIALS_SHAPE: Shape = {
  eos: "number",
  fimPrefix: "number",
  fimMiddle: "number",
  fimSuffix: "number",
  mask: "number",
  expand: "number",
  sep: "number",
  fileSep: "number",
};

/**
 * Checks the JSON text of a manifest.
 *
 * @throws LacunaError `manifestInvalid`, naming the first field that is not as it must be.
 */
export function parseManifest(json: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid("is not JSON", cause);
  }
  const manifest = checked(value, { formatVersion: "number", tokenizer: "object", specialIds: "object", models: "object" }, "manifest");
  if (manifest.formatVersion !== 1) throw invalid(`has format version ${String(manifest.formatVersion)}, not 1`);
  checked(manifest.tokenizer, FILE_SHAPE, "tokenizer");
  checked(manifest.specialIds, SPECIALS_SHAPE, "specialIds");
  if (!Array.isArray(manifest.models)) throw invalid("has no list of models");
  manifest.models.forEach((entry: unknown, index) => {
    const model = checked(entry, MODEL_SHAPE, `models[${index}]`);
    if (model.role !== "verifier" && model.role !== "diffuser") throw invalid(`names an unknown role in models[${index}]`);
    checked(model.graph, FILE_SHAPE, `models[${index}].graph`);
    checked(model.data, FILE_SHAPE, `models[${index}].data`);
  });
  return value as Manifest;
}

function checked(value: unknown, shape: Shape, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw invalid(`lacks ${where}`);
  const record = value as Record<string, unknown>;
  for (const [key, type] of Object.entries(shape)) {
    if (typeof record[key] !== type || record[key] === null) throw invalid(`lacks ${where}.${key} (${type})`);
  }
  return record;
}

function invalid(what: string, cause?: unknown): LacunaError {
  const remedy = "Reinstall Lacuna, or convert the model again with `lacuna import`.";
  return new LacunaError("manifestInvalid", `The model manifest ${what}.`, remedy, cause);
}
