import type { ConnectParams } from "../protocol/messages.js";
import { LacunaError } from "../protocol/errors.js";
import type { ServerConnection } from "./connection.js";
import { garbled } from "./failures.js";
import type { Limits } from "./patience.js";
import { servedFormat, type ServedFormat } from "./servedFormat.js";

/** What kind of program serves: it decides which fields of a request are understood. */
export type ServerKind = "vllm" | "llama.cpp" | "other";

/** One model of a server, and how it is asked. */
export interface ServedModel {
  readonly kind: ServerKind;
  readonly name: string;
  /** All that the server names. */
  readonly names: readonly string[];
  /** Undefined where nothing says how the model reads a hole. */
  readonly format: ServedFormat | undefined;
  /** Longest text that the server gives it, in tokens; undefined where it does not say. */
  readonly contextTokens: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const LONGEST_LIST_UNITS = 2 ** 20;

/**
 * Asks a server what it serves.
 *
 * @throws LacunaError `serverUnusable` where the wanted model is not among it; as `ServerConnection.ask` does
 */
export async function findServedModel(
  connection: ServerConnection,
  wanted: ConnectParams,
  limits: Limits,
  signal?: AbortSignal,
): Promise<ServedModel> {
  const list = await json(connection, "/v1/models", limits, signal);
  const models = (Array.isArray(list.data) ? (list.data as Fields[]) : []).filter((each) => typeof each?.id === "string");
  if (models.length === 0) {
    if (!Array.isArray(list.data) || list.data.length > 0) throw garbled(connection.host);
    throw new LacunaError("serverUnusable", `${connection.host} serves no model.`, "Have it load one.");
  }
  const names = models.map(({ id }) => id as string);
  const entry = wanted.model === "" ? models[0] : models.find(({ id }) => id === wanted.model);
  if (entry === undefined) {
    const remedy = `Set lacuna.server.model to one of: ${names.slice(0, 20).join(", ")}; or leave it empty for the first.`;
    throw new LacunaError("serverUnusable", `${connection.host} serves no model ${wanted.model}.`, remedy);
  }
  const owner = entry.owned_by;
  const kind = owner === "vllm" ? "vllm" : owner === "llamacpp" ? "llama.cpp" : "other";
  const name = entry.id as string;
  const named = servedFormat(wanted.format, [name, ...(typeof entry.root === "string" ? [entry.root] : [])]);
  // A llama.cpp server has the markers from the model's file, and reads no marker out of a document.
  const format = kind === "llama.cpp" && wanted.format === "auto" ? servedFormat("infill", []) : named;
  return { kind, name, names, format, contextTokens: await contextOf(connection, kind, entry, limits, signal) };
}

async function contextOf(
  connection: ServerConnection,
  kind: ServerKind,
  entry: Fields,
  limits: Limits,
  signal?: AbortSignal,
): Promise<number | undefined> {
  if (isContext(entry.max_model_len)) return entry.max_model_len;
  if (kind !== "llama.cpp") return undefined;
  // It may keep its properties to itself.
  const properties = await json(connection, "/props", limits, signal).catch((): Fields => ({}));
  const size = (properties.default_generation_settings as Fields | undefined)?.n_ctx;
  return isContext(size) ? size : undefined;
}

/** Whether it is a number of tokens that a model can see, and an answer fits into. */
const isContext = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 128 && (value as number) <= 1e8;

async function json(connection: ServerConnection, path: string, limits: Limits, signal: AbortSignal | undefined): Promise<Fields> {
  let text = "";
  for await (const piece of connection.ask({ path, limits, signal })) {
    text += piece;
    if (text.length > LONGEST_LIST_UNITS) throw garbled(connection.host);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Fields;
  } catch {
    // What it is instead may be a page that asks for a name and a password.
  }
  throw garbled(connection.host);
}
