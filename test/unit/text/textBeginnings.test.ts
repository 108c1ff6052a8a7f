import assert from "node:assert/strict";
import { createRandom } from "../../../src/base/random.js";
import { decodeAutoregressively } from "../../../src/decode/autoregressive.js";
import { fixedBlock } from "../../../src/decode/draft/blockSize.js";
import { KnownDrafter } from "../../../src/decode/draft/knownDraft.js";
import { speculate } from "../../../src/decode/draft/speculate.js";
import { RuledVerifier } from "../../../src/decode/ruledVerifier.js";
import { layoutOf } from "../../../src/decode/sequence.js";
import { AnswerText } from "../../../src/engine/serve/answerText.js";
import { requestRules } from "../../../src/engine/serve/requestRules.js";
import type { LoadedVerifier } from "../../../src/engine/models/pair.js";
import { healedEnd } from "../../../src/text/healing.js";
import { TokenClass } from "../../../src/text/tokenClass.js";
import { TextBeginnings } from "../../../src/text/textBeginnings.js";
import { hashedLogits, ScriptedVerifier } from "../decode/scriptedVerifier.js";
import { REPOSITORY_VOCAB, repositoryTokenizer as tokenizer } from "./repositoryTokenizer.js";

const END = 0;
const beginnings = new TextBeginnings(tokenizer, REPOSITORY_VOCAB);
const rulesFor = (prefix: string, healed: string, isUncut = true) =>
  requestRules(
    {
      tokenizer,
      beginnings,
      blanks: new TokenClass(tokenizer, 0, () => false),
      fences: new Set(),
      entry: { ends: [END] } as unknown as LoadedVerifier["entry"],
    },
    { prefix, suffix: "", isUncut },
    false,
    healed,
  );
const options = (temperature: number) => ({ maxTokens: 6, rule: { temperature, topP: 1 }, random: createRandom(7) });

/** A verifier whose chance is its own, and one that wants to say a text after its context. */
const byChance = (seed: number) => new ScriptedVerifier(REPOSITORY_VOCAB, hashedLogits(seed, REPOSITORY_VOCAB, 97), END);
function saying(text: string, context: number): ScriptedVerifier {
  const tokens = [...tokenizer.encode(text), END];
  return new ScriptedVerifier(
    REPOSITORY_VOCAB,
    (sequence) => {
      const logits = new Array<number>(REPOSITORY_VOCAB).fill(0);
      logits[tokens[sequence.length - context] ?? END] = 9;
      return logits;
    },
    END,
  );
}

async function written<T>(decoder: AsyncGenerator<readonly number[], T>): Promise<number[]> {
  const tokens: number[] = [];
  for await (const block of decoder) tokens.push(...block);
  return tokens;
}

describe("the beginnings of a text", () => {
  it("are the tokens that agree with it", () => {
    const texts = (beginnings.next(" ret", []) ?? []).map((token) => tokenizer.decode([token]));
    assert.ok(texts.length > 3 && texts.every((text) => text.startsWith(" ret") || " ret".startsWith(text)), texts.join("|"));
    assert.ok(
      [" return", " re", " "].every((text) => texts.includes(text)),
      texts.join("|"),
    );
    const all = [...Array(REPOSITORY_VOCAB).keys()].map((token) => tokenizer.decode([token]));
    assert.equal(texts.length, all.filter((text) => text !== "" && (text.startsWith(" ret") || " ret".startsWith(text))).length);
  });

  it("are any once it is there", () => {
    assert.equal(beginnings.next(" ret", tokenizer.encode(" return")), undefined);
    assert.deepEqual(beginnings.next(" ret", tokenizer.encode(" ret")), undefined);
  });
});

describe("an answer that begins within a word", () => {
  const prefixes = ["x = ret", "self.comp", "    ", "return ", "Zq_xk"];

  it("goes on with the token that the model has for the word", async () => {
    const layout = layoutOf([5, 6]);
    const verifier = new RuledVerifier(saying(" return a", 2), rulesFor("x = ret", " ret"));
    const answer = new AnswerText(tokenizer, { prefix: "x = ret", suffix: "", isUncut: true }, () => {}, " ret");
    answer.push(await written(decodeAutoregressively(verifier, layout, options(0))));
    assert.equal(answer.end(), "urn a");
  });

  it("says what was begun, whatever the model wants, and streams what follows alone", async () => {
    for (const [index, prefix] of prefixes.entries()) {
      const healed = healedEnd(prefix, tokenizer);
      for (const temperature of [0, 0.8]) {
        const verifier = new RuledVerifier(byChance(index), rulesFor(prefix, healed));
        const tokens = await written(decodeAutoregressively(verifier, layoutOf([5, 6]), options(temperature)));
        const text = tokenizer.decode(tokens);
        assert.ok(text.startsWith(healed) || (healed === " " && text === ""), JSON.stringify([prefix, healed, text]));
        let streamed = "";
        const answer = new AnswerText(tokenizer, { prefix, suffix: "", isUncut: true }, (piece) => (streamed += piece), healed);
        for (const token of tokens) answer.push([token]);
        const whole = answer.end();
        assert.equal(streamed, whole);
        assert.ok(text.startsWith(healed + whole) || text === "", JSON.stringify([text, whole]));
      }
    }
  });

  it("is the same with drafts: those that agree, those that part from it, and those that part within the word", async () => {
    for (const [index, prefix] of prefixes.entries()) {
      const healed = healedEnd(prefix, tokenizer);
      const layout = layoutOf([5, 6]);
      const ruled = (): RuledVerifier => new RuledVerifier(byChance(index), rulesFor(prefix, healed));
      const plain = await written(decodeAutoregressively(ruled(), layout, options(0)));
      for (const draft of [
        plain,
        tokenizer.encode(healed),
        tokenizer.encode(`${healed}x = 1`),
        tokenizer.encode("zzz"),
        [...plain.slice(0, 2), 9, 9],
      ]) {
        const sources = [{ drafter: new KnownDrafter(draft), blockSizer: fixedBlock(31) }];
        assert.deepEqual(await written(speculate(ruled(), layout, sources, options(0))), plain, JSON.stringify([prefix, draft]));
      }
    }
  });

  it("costs no pass of its own where the word is whole", async () => {
    const layout = layoutOf([5, 6]);
    const verifier = saying(" return", 2);
    const sources = [{ drafter: new KnownDrafter(tokenizer.encode(" return")), blockSizer: fixedBlock(31) }];
    await written(speculate(new RuledVerifier(verifier, rulesFor("x = return", " return")), layout, sources, options(0)));
    assert.equal(verifier.passes, 1);
  });
});
