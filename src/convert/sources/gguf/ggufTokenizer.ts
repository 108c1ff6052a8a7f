import { GgufList } from "../../../gguf/ggufList.js";
import { unusable } from "../../unusable.js";
import type { GgufFiles } from "./ggufFiles.js";
import { preTokenizerOf } from "./preTokenizers.js";

/** What the numbers of `tokenizer.ggml.token_type` say of a token. */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;
/** The largest vocabularies have a quarter of a million tokens, and twice as many merges. */
const MOST_TEXTS = 2 ** 20;

/**
 * A tokenizer.json of the tokens, merges and type of a GGUF file's byte-level BPE.
 *
 * Control tokens and tokens that users added become added tokens; unused rows are left out.
 *
 * @throws LacunaError `checkpointUnusable` when it is of another kind, or does not agree with itself or the embedding
 */
export function makeTokenizer(metadata: GgufFiles["metadata"], vocabSize: number): string {
  const model = metadata.get("tokenizer.ggml.model");
  if (model !== "gpt2") {
    throw unusable(`has a tokenizer of the kind ${JSON.stringify(model)}; byte-level BPE ("gpt2") is read`, undefined, OTHER_TOKENIZER);
  }
  const { normalizer, preTokenizer, ignoresMerges } = preTokenizerOf(metadata.get("tokenizer.ggml.pre"));
  const tokens = strings(metadata, "tokens");
  if (tokens.length !== vocabSize) throw unusable(`has ${tokens.length} tokens in its tokenizer and ${vocabSize} rows in its embedding`);
  const stated = metadata.get("tokenizer.ggml.token_type");
  const types = stated instanceof GgufList && stated.length === tokens.length ? stated.decoded() : (stated ?? new Int32Array(tokens.length).fill(1));
  if (!ArrayBuffer.isView(types) || types.length !== tokens.length)
    throw unusable("does not say of each token what it is (tokenizer.ggml.token_type)");
  const merges = strings(metadata, "merges");
  const vocab: [string, number][] = [];
  const added: object[] = [];
  const seen = new Set<string>();
  for (const [id, content] of tokens.entries()) {
    if (types[id] === UNUSED) continue;
    if (seen.has(content)) throw unusable(`has the token ${JSON.stringify(content)} twice`);
    seen.add(content);
    if (types[id] === CONTROL || types[id] === USER_DEFINED) {
      if (content === "") throw unusable(`has a special token without a name: ${id}`);
      added.push({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: types[id] === CONTROL });
    } else vocab.push([content, id]);
  }
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoresMerges,
      vocab: Object.fromEntries(vocab),
      merges: merges.map((merge) => splitMerge(merge, seen)),
    },
  });
}

const OTHER_TOKENIZER = "Import the Hugging Face folder of the same model, which holds its tokenizer.json.";
/** The two tokens of a merge, between which stands the only space that is not part of one: byte-level BPE spells spaces otherwise. */
function splitMerge(merge: string, tokens: ReadonlySet<string>): [string, string] {
  const [left, right, ...more] = merge.split(" ");
  if (right === undefined || more.length > 0 || !tokens.has(left + right)) {
    throw unusable(`has the merge ${JSON.stringify(merge)}, which makes none of its tokens`);
  }
  return [left, right];
}

function strings(metadata: GgufFiles["metadata"], key: string): readonly string[] {
  const list = metadata.get(`tokenizer.ggml.${key}`);
  if (list instanceof GgufList && list.length > MOST_TEXTS) throw unusable(`has ${list.length} texts in tokenizer.ggml.${key}, which is absurd`);
  const texts = list instanceof GgufList ? list.decoded() : undefined;
  if (texts === undefined || ArrayBuffer.isView(texts)) throw unusable(`has no tokenizer.ggml.${key}`);
  return texts;
}
