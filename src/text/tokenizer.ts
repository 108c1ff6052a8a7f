import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";

/** Text to token ids and back. Special tokens are never read out of a text: a file may contain their names. */
export interface Tokenizer {
  encode(text: string): number[];
  /** Incomplete UTF-8 at either end of `ids` becomes U+FFFD. */
  decode(ids: readonly number[]): string;
}

/**
 * Builds a tokenizer from the text of a tokenizer.json.
 *
 * @throws SyntaxError when it is not JSON; Error when the library does not know the model in it
 */
export function createTokenizer(json: string): Tokenizer {
  const definition = JSON.parse(json) as { added_tokens?: { content: string }[] };
  const tokenizer = new HuggingFaceTokenizer(definition, {});
  const names = (definition.added_tokens ?? []).map((token) => token.content);
  return {
    encode(text) {
      const pieces = splitInsideNames(text, names);
      const ids = pieces.map((piece) => tokenizer.encode(piece, { add_special_tokens: false }).ids);
      return ids.length === 1 ? ids[0] : ids.flat();
    },
    decode(ids) {
      if (ids.length === 0) return "";
      return tokenizer.decode(ids as number[], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    },
  };
}

/** Cuts `text` after the first character of every special token's name in it, so that no piece holds a whole name. */
export function splitInsideNames(text: string, names: readonly string[]): string[] {
  const cuts = new Set<number>();
  for (const name of names) {
    for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) cuts.add(at + 1);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => text.slice(from, sorted[index]));
}
