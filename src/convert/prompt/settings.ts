import type { CanvasIds, PromptFormatData } from "../../protocol/manifest.js";
import { unusable } from "../unusable.js";
import type { TokenNames } from "./tokenNames.js";

/** What a lacuna.json says of a model; tokens by name or id. */
export interface PromptSettings {
  readonly prompt?: PromptFormatData;
  readonly ends?: readonly number[];
  readonly canvas?: CanvasIds;
}

/** What to put into a lacuna.json, for error messages. */
export const SETTINGS_REMEDY =
  "Choose a model that was trained to fill in the middle. " +
  "If this one was, say how in a file lacuna.json in its folder (or MODEL.gguf.lacuna.json beside it): " +
  '{"promptFormat": {"order": "prefixFirst", "prefix": ["<fim_prefix>"], "suffix": ["<fim_suffix>"], "middle": ["<fim_middle>"]}, ' +
  '"ends": ["<|endoftext|>"]}, with the names of its own tokens.';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a lacuna.json.
 *
 * @throws LacunaError `checkpointUnusable`, naming the field that is wrong
 */
export function readPromptSettings(text: string, names: TokenNames): PromptSettings {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw wrong("is not JSON", cause);
  }
  const { promptFormat, ends, canvas } = fields(json, "it");
  return {
    ...(promptFormat === undefined ? {} : { prompt: readFormat(fields(promptFormat, "promptFormat"), names) }),
    ...(ends === undefined ? {} : { ends: tokens(ends, "ends", names) }),
    ...(canvas === undefined ? {} : { canvas: readCanvas(fields(canvas, "canvas"), names) }),
  };
}

function readFormat(format: Fields, names: TokenNames): PromptFormatData {
  const { order } = format;
  if (order !== "suffixFirst" && order !== "prefixFirst") throw wrong('has no promptFormat.order, "suffixFirst" or "prefixFirst"');
  const list = (key: string): readonly number[] => tokens(format[key] ?? [], `promptFormat.${key}`, names);
  const data = { order, start: list("start"), suffix: list("suffix"), prefix: list("prefix"), middle: list("middle") } as const;
  if (data.suffix.length === 0) throw wrong("names no tokens in promptFormat.suffix");
  const related = format.related === undefined ? undefined : fields(format.related, "promptFormat.related");
  if (related === undefined || related.form === "comment") return { ...data, related: { form: "comment" } };
  if (related.form !== "repository") throw wrong('has no promptFormat.related.form, "comment" or "repository"');
  const part = (key: string): readonly number[] => tokens(related[key], `promptFormat.related.${key}`, names);
  return { ...data, related: { form: "repository", repository: part("repository"), file: part("file") } };
}

function readCanvas(canvas: Fields, names: TokenNames): CanvasIds {
  const id = (key: string): number => tokens([canvas[key]], `canvas.${key}`, names)[0];
  const optional = (key: "flexible" | "expand"): { [name in typeof key]?: number } => (canvas[key] === undefined ? {} : { [key]: id(key) });
  return { mask: id("mask"), goesOn: id("goesOn"), meets: id("meets"), end: id("end"), ...optional("flexible"), ...optional("expand") };
}

function tokens(value: unknown, where: string, names: TokenNames): readonly number[] {
  if (!Array.isArray(value)) throw wrong(`has no list of tokens in ${where}`);
  return value.map((token: unknown) => {
    const id = typeof token === "string" ? names.idOf(token) : token;
    if (typeof id !== "number" || !names.has(id)) throw wrong(`names a token in ${where} that the tokenizer does not know: ${JSON.stringify(token)}`);
    return id;
  });
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(`has no object where ${where} should be`);
  return value as Fields;
}

function wrong(what: string, cause?: unknown): Error {
  return unusable(`has a lacuna.json that ${what}`, cause, SETTINGS_REMEDY);
}
