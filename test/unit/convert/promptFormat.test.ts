import assert from "node:assert/strict";
import { canvasOf, promptOf } from "../../../src/convert/prompt/promptFormat.js";
import { readPromptSettings } from "../../../src/convert/prompt/settings.js";
import { readTokenNames, type TokenNames } from "../../../src/convert/prompt/tokenNames.js";
import type { StatedTokens } from "../../../src/convert/sources/checkpoint.js";
import { unusableWith } from "./checkpointFolder.js";

/** A tokenizer of four letters, with these special tokens behind them. */
function namesOf(special: readonly string[], plain: readonly string[] = [], vocabSize = 64): TokenNames {
  const vocab = Object.fromEntries(["a", "b", "</s>", "d"].map((token, id) => [token, id]));
  const added = [...special, ...plain].map((content, index) => ({ id: 4 + index, content, special: index < special.length }));
  return readTokenNames(JSON.stringify({ added_tokens: added, model: { vocab } }), vocabSize);
}

const nothing: StatedTokens = { ends: [] };
const QWEN = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|fim_prefix|>",
  "<|fim_middle|>",
  "<|fim_suffix|>",
  "<|fim_pad|>",
  "<|repo_name|>",
  "<|file_sep|>",
];
const STARCODER = ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<repo_name>", "<file_sep>"];
const OWN = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|mask|>", "<|expand|>", "<|sep|>", "<|file_sep|>"];

describe("prompt of an imported model", () => {
  it("is Qwen's, the prefix first", () => {
    const { prompt, ends, forbidden } = promptOf({}, { ends: [6] }, namesOf(QWEN, ["<tool_call>"], 16), 16);
    assert.deepEqual(prompt, {
      order: "prefixFirst",
      start: [],
      prefix: [7],
      suffix: [9],
      middle: [8],
      related: { form: "repository", repository: [11], file: [12] },
    });
    assert.deepEqual(ends, [4, 6, 7, 8, 9, 10, 11, 12]);
    // <|im_start|>, <tool_call>, and the rows that no token has
    assert.deepEqual(forbidden, [5, 13, 14, 15]);
  });

  it("is StarCoder's, the prefix first", () => {
    const { prompt, ends } = promptOf({}, nothing, namesOf(STARCODER), 11);
    assert.deepEqual([prompt.order, prompt.prefix, prompt.suffix, prompt.middle], ["prefixFirst", [5], [7], [6]]);
    assert.deepEqual(ends, [4, 5, 6, 7, 8, 9, 10]);
  });

  it("is this project's where there is a mask, and ends in one way", () => {
    const names = namesOf(OWN);
    const { prompt, ends, forbidden } = promptOf({}, { ends: [4] }, names, 12);
    assert.deepEqual([prompt.order, prompt.suffix, prompt.prefix, prompt.middle, ends], ["suffixFirst", [7], [5], [6], [4]]);
    assert.deepEqual(forbidden, [5, 6, 7, 8, 9, 10, 11]);
    assert.deepEqual(canvasOf({}, names), { mask: 8, goesOn: 10, meets: 7, flexible: 9, expand: 9, end: 4 });
  });

  it("follows the ids that a file states before any names", () => {
    const { prompt } = promptOf({}, { prefix: 4, suffix: 5, middle: 6, ends: [7] }, namesOf(["w", "x", "y", "z"]), 8);
    assert.deepEqual([prompt.prefix, prompt.suffix, prompt.middle], [[4], [5], [6]]);
  });

  it("follows a lacuna.json before all else, by names or ids", () => {
    const names = namesOf(["<|endoftext|>", "<issue_start>", "<issue_comment>", "<issue_closed>"]);
    const format = '{"order": "suffixFirst", "suffix": ["<issue_start>"], "prefix": [6], "middle": ["<issue_closed>"]}';
    const text = `{"promptFormat": ${format}, "ends": ["<|endoftext|>"]}`;
    const { prompt, ends, forbidden } = promptOf(readPromptSettings(text, names), { ends: [2] }, names, 8);
    assert.deepEqual(prompt, { order: "suffixFirst", start: [], suffix: [5], prefix: [6], middle: [7], related: { form: "comment" } });
    assert.deepEqual([ends, forbidden], [[4], [5, 6, 7]]);
  });

  it("never takes an ordinary token of the same text for an end", () => {
    assert.ok(!promptOf({}, nothing, namesOf(STARCODER), 11).ends.includes(2));
  });

  it("does not forbid added tokens that spell plain text", () => {
    assert.deepEqual(promptOf({}, nothing, namesOf(STARCODER, ["    "]), 12).forbidden, []);
  });

  it("is missed with the file that would say it", () => {
    const names = namesOf(["<|endoftext|>", "<|im_start|>"]);
    const isExplained = (error: unknown): boolean =>
      unusableWith(/does not say how/)(error) && /lacuna\.json/.test((error as { remedy: string }).remedy);
    assert.throws(() => promptOf({}, nothing, names, 6), isExplained);
  });

  const wrong: [text: string, sentence: RegExp][] = [
    ["{", /is not JSON/],
    ["[]", /no object where it should be/],
    ['{"promptFormat": {}}', /no promptFormat\.order/],
    ['{"promptFormat": {"order": "suffixFirst"}}', /no tokens in promptFormat\.suffix/],
    ['{"promptFormat": {"order": "suffixFirst", "suffix": ["<nope>"]}}', /does not know: "<nope>"/],
    ['{"promptFormat": {"order": "suffixFirst", "suffix": [99]}}', /does not know: 99/],
    ['{"ends": "<|endoftext|>"}', /no list of tokens in ends/],
    ['{"canvas": {"mask": 4}}', /does not know: undefined/],
  ];
  for (const [text, sentence] of wrong) {
    it(`is not read from ${text}`, () => assert.throws(() => readPromptSettings(text, namesOf(OWN)), unusableWith(sentence)));
  }
});
