import type { CanvasIds, PromptFormatData, VerifierEntry } from "../../protocol/manifest.js";
import { END_NAMES, MARKER_SPELLINGS } from "../../protocol/markerSpellings.js";
import type { StatedTokens } from "../sources/checkpoint.js";
import { unusable } from "../unusable.js";
import { SETTINGS_REMEDY, type PromptSettings } from "./settings.js";
import type { TokenNames } from "./tokenNames.js";

/** The fill-in-the-middle markers of a model, and its markers of other files. */
interface Markers {
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number;
  readonly pad?: number | undefined;
  readonly repository?: number | undefined;
  readonly file?: number | undefined;
}

/** Marks a diffuser of this project, or a verifier that shares its tokenizer. */
const MASK = "<|mask|>";

/**
 * How a model wants its prompts, and with what a text of it ends: from lacuna.json, else from what its file states, else
 * by the names of known tokens.
 *
 * @param vocabSize rows of the embedding; those without a token are forbidden
 * @throws LacunaError `checkpointUnusable` when nothing says how it fills in the middle
 */
export function promptOf(
  settings: PromptSettings,
  stated: StatedTokens,
  names: TokenNames,
  vocabSize: number,
): Pick<VerifierEntry, "prompt" | "ends" | "forbidden"> {
  const markers = markersOf(stated, names);
  const prompt = settings.prompt ?? formatOf(markers, names);
  if (prompt === undefined)
    throw unusable("does not say how it fills in the middle: no markers of that kind are known in its tokenizer", undefined, SETTINGS_REMEDY);
  const ends = settings.ends ?? endsOf(stated, names, settings.prompt === undefined ? markers : undefined);
  if (ends.length === 0) throw unusable("names no token that ends a text", undefined, SETTINGS_REMEDY);
  return { prompt, ends, forbidden: forbiddenTokens(ends, names, vocabSize) };
}

/**
 * The ids that the canvases of a diffuser are made of.
 *
 * @throws LacunaError `checkpointUnusable`
 */
export function canvasOf(settings: PromptSettings, names: TokenNames): CanvasIds {
  if (settings.canvas !== undefined) return settings.canvas;
  const id = (name: string): number => {
    const found = specialId(names, name);
    if (found === undefined) {
      throw unusable(
        `has no token ${name}: it is no diffuser of this project`,
        undefined,
        "Import it as a verifier, or name its tokens in lacuna.json under canvas: mask, goesOn, meets, end.",
      );
    }
    return found;
  };
  const expand = specialId(names, "<|expand|>");
  const flexible = expand === undefined ? {} : { flexible: expand, expand };
  return { mask: id(MASK), goesOn: id("<|sep|>"), meets: id("<|fim_suffix|>"), end: id("<|endoftext|>"), ...flexible };
}

/** An added token; an ordinary one of the same text, such as `</s>` in code, is none. */
function specialId(names: TokenNames, name: string): number | undefined {
  return names.added.get(name)?.id;
}

function markersOf(stated: StatedTokens, names: TokenNames): Markers | undefined {
  const { prefix, suffix, middle } = stated;
  if (prefix !== undefined && suffix !== undefined && middle !== undefined) return { ...stated, prefix, suffix, middle };
  for (const spelling of Object.values(MARKER_SPELLINGS)) {
    const id = (role: keyof Markers): number | undefined => specialId(names, spelling[role]);
    const [before, after, between] = [id("prefix"), id("suffix"), id("middle")];
    if (before !== undefined && after !== undefined && between !== undefined) {
      return { prefix: before, suffix: after, middle: between, pad: id("pad"), repository: id("repository"), file: id("file") };
    }
  }
  return undefined;
}

function formatOf(markers: Markers | undefined, names: TokenNames): PromptFormatData | undefined {
  if (markers === undefined) return undefined;
  const { prefix, suffix, middle, repository, file } = markers;
  // This project's models read `suffix S prefix P middle`.
  if (specialId(names, MASK) !== undefined) {
    return { order: "suffixFirst", start: [], suffix: [suffix], prefix: [prefix], middle: [middle], related: { form: "comment" } };
  }
  const related: PromptFormatData["related"] =
    repository !== undefined && file !== undefined ? { form: "repository", repository: [repository], file: [file] } : { form: "comment" };
  return { order: "prefixFirst", start: [], prefix: [prefix], suffix: [suffix], middle: [middle], related };
}

function endsOf(stated: StatedTokens, names: TokenNames, markers: Markers | undefined): number[] {
  if (specialId(names, MASK) !== undefined) return END_NAMES.slice(0, 1).flatMap((name) => specialId(names, name) ?? []);
  const known = END_NAMES.flatMap((name) => specialId(names, name) ?? []);
  const { prefix, suffix, middle, pad, repository, file } = markers ?? {};
  const ids = [...stated.ends, ...known, prefix, suffix, middle, pad, repository, file];
  return [...new Set(ids)].filter((id): id is number => id !== undefined && names.has(id)).sort((a, b) => a - b);
}

/** Added tokens that are no ends, but for those that spell plain text; and ids that no token has. */
function forbiddenTokens(ends: readonly number[], names: TokenNames, vocabSize: number): number[] {
  const added = [...names.added].filter(([name, { isSpecial }]) => isSpecial || /^<.*>$/s.test(name)).map(([, { id }]) => id);
  const unused = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => !names.has(id));
  return [...new Set([...added, ...unused])].filter((id) => !ends.includes(id)).sort((a, b) => a - b);
}
