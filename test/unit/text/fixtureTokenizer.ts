import type { Tokenizer } from "../../../src/text/tokenizer.js";

/** One token a UTF-16 unit: easy to count with. For tests of what stands on a tokenizer. */
export const unitTokenizer: Tokenizer = {
  encode: (text) => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)),
  decode: (ids) => String.fromCharCode(...ids),
};
