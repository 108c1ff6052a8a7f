import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";

/** Text to token ids and back. Special tokens are never read out of a text: a file may contain their names. */
export interface Tokenizer {
  encode(text: string): number[];
  /** Incomplete UTF-8 at either end of `ids` becomes U+FFFD. */
  decode(ids: readonly number[]): string;
}

/** Added tokens that are marks of a format, and no text that somebody might write by accident. */
const MARK = /^<.*>$/s;

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
}

/**
 * Builds a tokenizer from the text of a tokenizer.json.
 *
 * @throws SyntaxError when it is not JSON; Error when the library does not know the model in it
 */
export function createTokenizer(json: string): Tokenizer {
  const definition = JSON.parse(json) as { added_tokens?: AddedToken[] };
  const added = definition.added_tokens ?? [];
  const marks = new Map(added.filter(isMark).map(({ id, content }) => [id, content]));
  // Text is read by a tokenizer that has never heard of the marks: their names are text like any other.
  const tokenizer = new HuggingFaceTokenizer({ ...definition, added_tokens: added.filter((token) => !isMark(token)) }, {});
  const plain = (ids: readonly number[]): string =>
    ids.length === 0 ? "" : tokenizer.decode(ids as number[], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode(ids) {
      let text = "";
      let from = 0;
      for (const [at, id] of ids.entries()) {
        const mark = marks.get(id);
        if (mark === undefined) continue;
        text += plain(ids.slice(from, at)) + mark;
        from = at + 1;
      }
      return text + plain(from === 0 ? ids : ids.slice(from));
    },
  };
}

function isMark({ content, special }: AddedToken): boolean {
  return special === true || MARK.test(content);
}
