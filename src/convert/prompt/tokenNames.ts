import { unusable } from "../unusable.js";

/** What a tokenizer.json says of its tokens. */
export interface TokenNames {
  /** The id of a token by its text; added tokens come before those of the vocabulary. */
  idOf(name: string): number | undefined;
  /** Added tokens, by their text. */
  readonly added: ReadonlyMap<string, AddedToken>;
  /** Whether some token has this id. */
  has(id: number): boolean;
  /** One more than the largest id. */
  readonly size: number;
}

export interface AddedToken {
  readonly id: number;
  /** Not to be read out of a text. */
  readonly isSpecial: boolean;
}

/**
 * Reads a tokenizer.json.
 *
 * @param vocabSize rows of the embedding: every token must have one
 * @throws LacunaError `checkpointUnusable`
 */
export function readTokenNames(text: string, vocabSize: number): TokenNames {
  let json: { added_tokens?: unknown; model?: { vocab?: unknown } } | null;
  try {
    json = JSON.parse(text) as typeof json;
  } catch (cause) {
    throw unusable("has no readable tokenizer.json", cause);
  }
  const vocab = json?.model?.vocab;
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) {
    throw unusable("has a tokenizer.json of a kind that is not read; byte-level BPE is");
  }
  const ids = new Set<number>();
  const taken = (id: unknown, name: string): number => {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0) throw unusable(`has the token ${JSON.stringify(name)} with the id ${JSON.stringify(id)}`);
    if (id >= vocabSize) throw unusable(`has a tokenizer with the id ${id}, and an embedding of ${vocabSize} rows: they do not belong together`);
    ids.add(id);
    return id;
  };
  for (const [name, id] of Object.entries(vocab)) taken(id, name);
  const added = new Map<string, AddedToken>();
  for (const token of Array.isArray(json?.added_tokens) ? (json.added_tokens as unknown[]) : []) {
    const { id, content, special } = (token ?? {}) as { id?: unknown; content?: unknown; special?: unknown };
    if (typeof content !== "string" || content === "") throw unusable("has an added token without a text in its tokenizer.json");
    added.set(content, { id: taken(id, content), isSpecial: special === true });
  }
  const size = [...ids].reduce((most, id) => Math.max(most, id + 1), 0);
  const ordinary = vocab as Readonly<Record<string, number>>;
  return {
    added,
    size,
    has: (id) => ids.has(id),
    idOf: (name) => added.get(name)?.id ?? (Object.hasOwn(ordinary, name) ? ordinary[name] : undefined),
  };
}
