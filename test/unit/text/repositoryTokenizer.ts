import { readFileSync } from "node:fs";
import { createTokenizer, type Tokenizer } from "../../../src/text/tokenizer.js";

const json = readFileSync("models/verifier/tokenizer.json", "utf8");

/** The tokenizer of the models that come with the extension. */
export const repositoryTokenizer: Tokenizer = createTokenizer(json);
export const REPOSITORY_VOCAB = Object.keys((JSON.parse(json) as { model: { vocab: object } }).model.vocab).length;
