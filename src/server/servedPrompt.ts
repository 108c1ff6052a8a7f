import type { PromptFormatData } from "../protocol/manifest.js";
import type { HoleParams } from "../protocol/messages.js";
import { toLf } from "../text/lineEnds.js";
import { PromptFormat, type AroundHole } from "../text/promptFormat.js";
import { relatedPiece } from "../text/relatedPiece.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { plainText } from "./plainText.js";
import { isMarked, type MarkedFormat, type ServedFormat } from "./servedFormat.js";

/** A prompt as a server takes it: laid out, or its parts for a server that lays them out itself. */
export type ServedPrompt =
  | { readonly text: string }
  | {
      readonly prefix: string;
      readonly suffix: string;
      readonly related: readonly { readonly filename: string; readonly text: string }[];
    };

/** What of a request a prompt is made of. */
export type PromptParams = Pick<HoleParams, "prefix" | "suffix" | "related">;

/** At most this share of the window goes to the suffix, where the server lays it out. */
const SUFFIX_SHARE = 0.3;
/** The start of the prefix moves by so many characters at a time. */
const STEP_UNITS = 1024;
/** The first number that is no UTF-16 unit. */
const MARKERS_FROM = 0x10000;

/**
 * Lays out what stands around a hole for a server, which has the tokenizer: as `PromptFormat` does for models here, with characters in
 * the place of tokens.
 */
export class ServedPrompts {
  readonly #format: ServedFormat;
  readonly #layouts: PromptFormat | undefined;
  readonly #markers: readonly string[] = [];

  constructor(format: ServedFormat) {
    this.#format = format;
    if (!isMarked(format)) return;
    const { prefix, suffix, middle, files } = format;
    this.#markers = [prefix, suffix, middle, files?.repository ?? "", files?.file ?? ""];
    this.#layouts = new PromptFormat(promptData(format), CHARACTERS);
  }

  /** @param units the longest prompt, in characters */
  of(params: PromptParams, units: number): ServedPrompt {
    if (!isMarked(this.#format)) return parts(params, units);
    const format = this.#format;
    const plain = (text: string): string => plainText(toLf(text), format);
    const around: AroundHole = {
      prefix: plain(params.prefix),
      suffix: plain(params.suffix),
      related: params.related?.map(({ path, text }) => ({ path: plain(path), text: plain(text) })),
    };
    const { prompt, marker, begun } = this.#layouts!.layOut(around, { promptTokens: units, suffixHeadTokens: 0, stepTokens: STEP_UNITS });
    return { text: this.#textOf([...prompt, ...marker, ...begun]) };
  }

  #textOf(ids: readonly number[]): string {
    return ids.map((id) => (id < MARKERS_FROM ? String.fromCharCode(id) : this.#markers[id - MARKERS_FROM])).join("");
  }
}

/** A tokenizer whose tokens are UTF-16 units. */
const CHARACTERS: Tokenizer = {
  encode: (text) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)),
  decode: (ids) => ids.map((id) => String.fromCharCode(id)).join(""),
};

function promptData({ order, prefix, suffix, middle, files }: MarkedFormat): PromptFormatData {
  const ids = [prefix, suffix, middle].map((marker, index) => (marker === "" ? [] : [MARKERS_FROM + index]));
  const related: PromptFormatData["related"] =
    files === undefined ? { form: "comment" } : { form: "repository", repository: [MARKERS_FROM + 3], file: [MARKERS_FROM + 4] };
  return { order, start: [], prefix: ids[0], suffix: ids[1], middle: ids[2], related };
}

function parts({ prefix, suffix, related = [] }: PromptParams, units: number): ServedPrompt {
  const after = toLf(suffix).slice(0, Math.floor(units * SUFFIX_SHARE));
  const before = toLf(prefix);
  const excess = Math.max(0, before.length - (units - after.length));
  const from = Math.min(before.length, Math.ceil(excess / STEP_UNITS) * STEP_UNITS);
  let room = units - after.length - (before.length - from);
  const fitting = related.toReversed().filter((piece) => (room -= relatedPiece(piece).length) >= 0);
  return {
    prefix: before.slice(from),
    suffix: after,
    related: fitting.toReversed().map(({ path, text }) => ({ filename: path, text: toLf(text) })),
  };
}
