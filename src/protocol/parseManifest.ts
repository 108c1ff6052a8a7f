import { LacunaError } from "./errors.js";
import { FILES, type Manifest, type ManifestModel } from "./manifest.js";
import { plainText } from "./plainText.js";
import { PLACE_KINDS } from "./suggestionBars.js";

/**
 * What a field must be. `count`: a whole number from 0 on; `size`: one from 1 to 2^24, far above every size of a model that fits into a
 * computer; `some`: one from 1 to 4,096, of what there are few; `ids`: a list of whole numbers up to 2^24 that name tokens or layers.
 */
type Kind = "string" | "number" | "count" | "size" | "some" | "object" | "ids" | "optionalCount" | "optionalString" | "optionalBoolean";
type Shape = { readonly [key: string]: Kind };

const LARGEST_SIZE = 1 << 24;
const MOST = 4096;
/** A marker is one token, or the few that spell it. */
const LONGEST_MARKER = 64;
/** Keys, or values, that all layers hold at one position, at most. */
const LARGEST_CACHE = 1 << 24;

const KINDS: Readonly<Record<Kind, { readonly holds: (field: unknown) => boolean; readonly name: string }>> = {
  string: { holds: (field) => typeof field === "string", name: "text" },
  number: { holds: (field) => Number.isFinite(field), name: "number" },
  count: { holds: (field) => isWhole(field, 0, Number.MAX_SAFE_INTEGER), name: "whole number" },
  size: { holds: (field) => isWhole(field, 1, LARGEST_SIZE), name: "whole number from 1 on" },
  some: { holds: (field) => isWhole(field, 1, MOST), name: `whole number from 1 to ${MOST}` },
  object: { holds: (field) => typeof field === "object" && field !== null, name: "object" },
  ids: { holds: (field) => Array.isArray(field) && field.every((id) => isWhole(id, 0, LARGEST_SIZE)), name: "list of token ids" },
  optionalCount: { holds: (field) => field === undefined || isWhole(field, 0, LARGEST_SIZE), name: "whole number" },
  optionalString: { holds: (field) => field === undefined || typeof field === "string", name: "text" },
  optionalBoolean: { holds: (field) => field === undefined || typeof field === "boolean", name: "true or false" },
};

const MODEL: Shape = { name: "string", weights: "string", parameters: "count", licence: "string", origin: "string" };
const CONTEXT: Shape = { contextTokens: "size", vocabSize: "size", cache: "object" };
const VERIFIER: Shape = { prompt: "object", ends: "ids", forbidden: "ids", sourceSha256: "optionalString", usesDefinitions: "optionalBoolean" };
const READER: Shape = {
  verifier: "string",
  headTokens: "size",
  rank: "size",
  hiddenSize: "size",
  reads: "ids",
  maxSlots: "some",
  isAutoregressive: "optionalBoolean",
};
const DIFFUSER: Shape = { verifier: "string", maxSlots: "some", suffixHeadTokens: "count", canvas: "object" };
const FILE: Shape = { path: "string", sha256: "string", bytes: "count" };
const CACHE: Shape = { layers: "some", kvHeads: "some", headDim: "some", type: "string" };
const PROMPT: Shape = { order: "string", start: "ids", suffix: "ids", prefix: "ids", middle: "ids", related: "object" };
const CANVAS: Shape = { mask: "count", goesOn: "count", meets: "count", flexible: "optionalCount", expand: "optionalCount", end: "count" };
const BARS: Shape = Object.fromEntries(PLACE_KINDS.map((kind) => [kind, "number" as const]));
const LENGTH_BIAS: Shape = { a: "number", b: "number", c: "number", d: "number", e: "number" };

/**
 * Checks the JSON text of a manifest, which may come from anybody: what passes can be loaded, looked up and shown without another look.
 *
 * @throws LacunaError `manifestInvalid`, naming the first field that is not as it must be
 */
export function parseManifest(json: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw invalid("is not JSON", cause);
  }
  if (!KINDS.object.holds(value)) throw invalid("is not an object");
  const { formatVersion, models } = checked(value, { formatVersion: "number", models: "object" }, "");
  if (formatVersion !== 2) throw invalid(`has format version ${String(formatVersion)}, not 2`);
  if (!Array.isArray(models)) throw invalid("has no list of models");
  models.forEach((entry: unknown, index) => checkModel(entry, `models[${index}]`));
  const roles = (models as ManifestModel[]).map(({ role }) => role);
  if (roles.filter((role) => role === "verifier").length !== 1) throw invalid("must name one verifier");
  if (roles.length > 2) throw invalid("names more than one diffuser or reader");
  return value as Manifest;
}

function checkModel(entry: unknown, where: string): void {
  const model = checked(entry, MODEL, where);
  for (const field of ["name", "licence", "origin"]) checkShown(model[field] as string, `${where}.${field}`);
  const { role } = model;
  if (role !== "verifier" && role !== "diffuser" && role !== "reader") throw invalid(`names an unknown role in ${where}`);
  for (const file of FILES[role]) checkFile(model[file], `${where}.${file}`);
  if (role === "reader") checkReader(model, where);
  else checkContext(model, where);
  if (role === "verifier") checkVerifier(model, where);
  if (role === "diffuser") {
    const { canvas } = checked(model, DIFFUSER, where);
    checkIds(Object.values(checked(canvas, CANVAS, `${where}.canvas`)), model, `${where}.canvas`);
  }
  if (role !== "verifier" && model.lengthBias !== undefined) checked(model.lengthBias, LENGTH_BIAS, `${where}.lengthBias`);
}

function checkShown(text: string, where: string): void {
  if (text !== plainText(text) || text === "") throw invalid(`has no plain text of one line in ${where}`);
}

/** A file of the models folder, and of no other. */
function checkFile(value: unknown, where: string): void {
  const { path } = checked(value, FILE, where) as { path: string };
  if (path === "" || /[\\:\0]/.test(path) || path.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw invalid(`names a file outside its folder in ${where}.path`);
}

function checkReader(model: Record<string, unknown>, where: string): void {
  const { reads } = checked(model, READER, where) as { reads: number[] };
  if (reads.length === 0) throw invalid(`names no layer in ${where}.reads`);
}

function checkContext(model: Record<string, unknown>, where: string): void {
  const { cache } = checked(model, CONTEXT, where);
  const { layers, kvHeads, headDim, type } = checked(cache, CACHE, `${where}.cache`) as Record<string, number>;
  if (layers * kvHeads * headDim > LARGEST_CACHE) throw invalid(`has a size that cannot be in ${where}.cache`);
  if (!["float32", "float16"].includes(String(type))) throw invalid(`names an unknown type in ${where}.cache`);
}

function checkVerifier(model: Record<string, unknown>, where: string): void {
  const { ends, forbidden } = checked(model, VERIFIER, where) as Record<string, number[]>;
  const prompt = checked(model.prompt, PROMPT, `${where}.prompt`);
  const { order, related } = prompt;
  if (order !== "suffixFirst" && order !== "prefixFirst") throw invalid(`names an unknown order in ${where}.prompt`);
  const { form, ...ids } = checked(related, { form: "string" }, `${where}.prompt.related`);
  if (form === "repository") checked(related, { repository: "ids", file: "ids" }, `${where}.prompt.related`);
  else if (form !== "comment") throw invalid(`names an unknown form in ${where}.prompt.related`);
  if (ends.length === 0) throw invalid(`names no end in ${where}.ends`);
  for (const [field, list] of Object.entries({ ...prompt, ...ids })) {
    if (!Array.isArray(list)) continue;
    checkIds(list, model, `${where}.prompt.${field}`);
    if (list.length > LONGEST_MARKER) throw invalid(`has a marker of more than ${LONGEST_MARKER} tokens in ${where}.prompt.${field}`);
  }
  checkIds([...ends, ...forbidden], model, where);
  if (new Set([...ends, ...forbidden]).size >= (model.vocabSize as number)) throw invalid(`forbids every token in ${where}.forbidden`);
  if (model.suggestionBars === undefined) return;
  const levels = checked(model.suggestionBars, { balanced: "object", sure: "object" }, `${where}.suggestionBars`);
  for (const level of ["balanced", "sure"]) checked(levels[level], BARS, `${where}.suggestionBars.${level}`);
}

function checkIds(ids: readonly unknown[], { vocabSize }: Record<string, unknown>, where: string): void {
  if (ids.some((id) => (id as number) >= (vocabSize as number))) throw invalid(`names a token outside the vocabulary in ${where}`);
}

function isWhole(field: unknown, least: number, most: number): boolean {
  return Number.isInteger(field) && (field as number) >= least && (field as number) <= most;
}

function checked(value: unknown, shape: Shape, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw invalid(`lacks ${where}`);
  const record = value as Record<string, unknown>;
  for (const [key, kind] of Object.entries(shape)) {
    const { holds, name } = KINDS[kind];
    if (!holds(record[key])) throw invalid(`lacks ${[where, key].filter(Boolean).join(".")} (${name})`);
  }
  return record;
}

function invalid(what: string, cause?: unknown): LacunaError {
  const remedy = "Reinstall Lacuna, or convert the model again with `lacuna import`.";
  return new LacunaError("manifestInvalid", `The model manifest ${what}.`, remedy, cause);
}
