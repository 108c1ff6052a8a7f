import { leastTokens, RuledVerifier, type WritingRules } from "../ruledVerifier.js";
import type { Judge } from "./judgedMiddles.js";
import { rowConfidence } from "./confidence.js";
import { endChance } from "./endChance.js";
import { createRandom } from "../../base/random.js";
import { repetitions } from "./repetitions.js";
import { speculate } from "../draft/speculate.js";
import type { Layout } from "../sequence.js";
import type { Verifier } from "../verifier.js";

/** Line breaks of its own middle at which the verifier may be made to stop. */
const MOST_CUTS = 3;

/**
 * Judges middles by the verifier: the log-probability of the whole middle and of its end, given the code on both sides.
 *
 * Being whole texts, middles of different lengths compare: each ends where the verifier must say that it ends.
 */
export class VerifierJudge implements Judge {
  readonly #verifier: Verifier;
  readonly #layout: Layout;
  readonly #isLineBreak: (token: number) => boolean;
  readonly #mostLines: number;
  readonly #rules: WritingRules;

  /** @param mostLines lines of the verifier's own middle, at least 1; @param rules what it keeps to in writing one, not in judging */
  constructor(verifier: Verifier, layout: Layout, isLineBreak: (token: number) => boolean, mostLines = Infinity, rules: WritingRules = {}) {
    this.#verifier = verifier;
    this.#layout = layout;
    this.#isLineBreak = isLineBreak;
    this.#mostLines = mostLines;
    this.#rules = rules;
  }

  async score(middles: readonly (readonly number[])[]): Promise<number[]> {
    const scores = new Array<number>(middles.length).fill(NaN);
    const longestFirst = [...middles.keys()].sort((a, b) => middles[b].length - middles[a].length);
    for (const index of longestFirst) {
      if (!Number.isNaN(scores[index])) continue;
      const middle = middles[index];
      const logits = await this.#verifier.next({ layout: this.#layout, written: middle }, middle.length + 1);
      // The same pass has read every middle that this one begins with.
      for (const other of longestFirst) if (startsWith(middle, middles[other])) scores[other] = this.#sumOf(logits, middles[other]);
    }
    return scores;
  }

  /**
   * See `Judge`: greedy decoding, speculating on repetitions.
   *
   * A greedy verifier goes on wherever a line break is likelier than the end. Whether the text would have been better without
   * what came then only shows afterwards: hence the cuts, before and behind a line break.
   */
  async ownMiddles(fewest: number, mostTokens: number): Promise<readonly (readonly number[])[]> {
    const sources = repetitions();
    const options = { maxTokens: mostTokens, rule: { temperature: 0, topP: 1 }, random: createRandom(0) };
    const tokens: number[] = [];
    const breaks: number[] = [];
    const ruled = new RuledVerifier(new RuledVerifier(this.#verifier, this.#rules), leastTokens(fewest));
    for await (const block of speculate(ruled, this.#layout, sources, options)) {
      for (const token of block) {
        if (this.#isLineBreak(token)) breaks.push(tokens.length);
        tokens.push(token);
      }
      if (breaks.length >= this.#mostLines) break;
    }
    const lengths = new Set(breaks.slice(0, MOST_CUTS).flatMap((index) => [index, index + 1]));
    // A middle as long as this was cut, not ended.
    if (breaks.length < this.#mostLines && tokens.length < mostTokens) lengths.add(tokens.length);
    lengths.delete(0);
    return [...lengths].map((length) => tokens.slice(0, length));
  }

  /** Of the middle and its end, from the logits after the layout, [at least middle.length + 1, vocabSize]. */
  #sumOf(logits: Float32Array, middle: readonly number[]): number {
    const { vocabSize, ends } = this.#verifier;
    const logSumAt = (row: number): number => rowConfidence(logits, row * vocabSize, vocabSize).logSum;
    const said = middle.reduce((sum, token, row) => sum + logits[row * vocabSize + token] - logSumAt(row), 0);
    return said + endChance(logits, middle.length * vocabSize, logSumAt(middle.length), ends);
  }
}

function startsWith(middle: readonly number[], start: readonly number[]): boolean {
  return start.length <= middle.length && start.every((token, index) => middle[index] === token);
}
