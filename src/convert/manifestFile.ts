import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseManifest, type Manifest, type ManifestModel, type SpecialIds } from "../protocol/manifest.js";
import { describeFile } from "./describeFile.js";
import { unusable } from "./safetensors.js";

/** The special tokens by name, in tokenizer.json; each may have several spellings. */
const SPECIAL_NAMES: Readonly<Record<keyof SpecialIds, string>> = {
  eos: "<|endoftext|>",
  fimPrefix: "<|fim_prefix|>",
  fimMiddle: "<|fim_middle|>",
  fimSuffix: "<|fim_suffix|>",
  mask: "<|mask|>",
  expand: "<|expand|>",
  sep: "<|sep|>",
  fileSep: "<|file_sep|>",
};

/**
 * Puts a converted model into the manifest of its models folder: in the place of an earlier one of the same role, or
 * beside one of the other role if that one has the same tokenizer.
 *
 * @throws LacunaError `checkpointUnusable` when a special token is missing or the tokenizers differ
 */
export function addToManifest(modelsDir: string, tokenizerPath: string, model: ManifestModel): Manifest {
  mkdirSync(modelsDir, { recursive: true });
  const manifestPath = path.join(modelsDir, "manifest.json");
  const others = existsSync(manifestPath) ? parseManifest(readFileSync(manifestPath, "utf8")) : undefined;
  const kept = (others?.models ?? []).filter((other) => other.role !== model.role);
  const target = path.join(modelsDir, "tokenizer.json");
  const specialIds = readSpecialIds(tokenizerPath);
  const isOther = kept.length > 0 && !readFileSync(target).equals(readFileSync(tokenizerPath));
  if (isOther) throw unusable(`has another tokenizer than the ${kept[0].role} in ${modelsDir}; the two must share one`);
  if (path.resolve(target) !== path.resolve(tokenizerPath)) copyFileSync(tokenizerPath, target);
  const manifest: Manifest = { formatVersion: 1, tokenizer: describeFile(modelsDir, target), specialIds, models: [...kept, model] };
  writeFileSync(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

function readSpecialIds(tokenizerPath: string): SpecialIds {
  let added: { id: number; content: string }[];
  try {
    added = (JSON.parse(readFileSync(tokenizerPath, "utf8")) as { added_tokens: typeof added }).added_tokens;
  } catch (cause) {
    throw unusable("has no readable tokenizer.json", cause);
  }
  const idOf = (name: string): number => {
    const token = added.find(({ content }) => content === name);
    if (token === undefined) throw unusable(`has a tokenizer without the special token ${name}`);
    return token.id;
  };
  return Object.fromEntries(Object.entries(SPECIAL_NAMES).map(([key, name]) => [key, idOf(name)])) as unknown as SpecialIds;
}
