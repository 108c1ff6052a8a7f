import { createRandom } from "../../base/random.js";
import { repetitions } from "./repetitions.js";
import { fixedBlock } from "../draft/blockSize.js";
import { KnownDrafter } from "../draft/knownDraft.js";
import { speculate, type DraftSource } from "../draft/speculate.js";
import { leastTokens, RuledVerifier, type WritingRules } from "../ruledVerifier.js";
import type { Verifier } from "../verifier.js";
import { EndWatch } from "./endWatch.js";
import type { InfillDecoder, InfillOutcome, InfillStep, InfillTask } from "./infillTask.js";
import { settledCanvas } from "./judgedMiddles.js";

/** The logarithm of the chance of an end from which on nothing more is written to look for a better one. */
const SURE = -1;
/** How much of the logarithm of a text's own chance goes into the score of its end. */
const TEXT_SHARE = 0.7;
/** Other middles that are offered. */
const MOST_ALTERNATIVES = 4;

/** What is known of a hole beside its task. */
export interface LineEndOptions {
  /** Whether a token holds a line feed. */
  readonly isLineBreak: (token: number) => boolean;
  /** Whether a token that does begins with it: others end a line by themselves. */
  readonly beginsWithBreak: (token: number) => boolean;
  /** On which side of a line break a middle may end; behind a token whose text it has to keep, all the same. */
  readonly endsAt: { readonly before: boolean; readonly behind: boolean };
  /** Lines of the middle; default: as many as there are. */
  readonly mostLines?: number | undefined;
  /** What speaks against a middle, in nats, at least 0. */
  readonly penaltyOf: (middle: readonly number[]) => number;
  /** Called for each text that is written; what it returns, with each of its blocks of tokens: once true, nothing more is written. */
  readonly enough: () => (block: readonly number[]) => boolean;
  /** Whether a middle is of no use, so that another is looked for once; default: none is. */
  readonly isUseless?: ((middle: readonly number[]) => boolean) | undefined;
}

/**
 * Fills a hole by the verifier's greedy text, ended at the line end where the verifier is most ready to end it.
 *
 * Greedy decoding ends a text only where nothing is likelier than its end. But at the end of a line, where a hole may end, a further line
 * is mostly likelier, though the end has a chance there that it has nowhere else: that chance tells line ends apart. So the text is
 * written on until it ends by itself, has an end that is nearly sure, or is itself less likely than the best middle so far; then the best of
 * all line ends is taken: by that chance, and by how likely the text before it is, so that a further line must be worth its own doubts.
 */
export async function* infillByLineEnds(
  verifier: Verifier,
  task: InfillTask,
  rules: WritingRules,
  options: LineEndOptions,
  sources: readonly DraftSource[] = repetitions(),
): InfillDecoder {
  const { layout, maxTokens } = task;
  const { isLineBreak, beginsWithBreak, endsAt, mostLines = Infinity, penaltyOf } = options;
  const isEnough = options.enough();
  const least = task.minTokens > 1 ? task.minTokens : 0;
  const shortest = Math.max(1, least);
  const watch = new EndWatch(verifier);
  const ruled = new RuledVerifier(new RuledVerifier(watch, rules), leastTokens(least));
  const tokens: number[] = [];
  const lineEnds = new Set<number>();
  // What the first tokens, as many as the index says, put into the score of any end behind them: in nats, at most 0.
  const textScores = [0];
  const scores = new Map<number, number>();
  const scoreOf = (length: number): number => {
    const score = scores.get(length) ?? watch.chanceAt(length) + textScores[length] - penaltyOf(tokens.slice(0, length));
    scores.set(length, score);
    return score;
  };
  let lines = 0;
  let isStopped = false;
  for await (const block of speculate(ruled, layout, sources, { maxTokens, rule: { temperature: 0, topP: 1 }, random: createRandom(0) })) {
    for (const token of block) {
      tokens.push(token);
      if (!isLineBreak(token)) continue;
      if (endsAt.before && beginsWithBreak(token)) lineEnds.add(tokens.length - 1);
      if (endsAt.behind || !beginsWithBreak(token)) lineEnds.add(tokens.length);
      lines += 1;
    }
    yield { slots: settledCanvas(tokens).slots };
    for (let at = textScores.length - 1; at < tokens.length; at += 1) textScores.push(textScores[at] + TEXT_SHARE * watch.furtherAt(at));
    // What comes behind the last token was not asked yet; what stands noted there belongs to a draft that was refused.
    const known = [...lineEnds].filter((length) => length >= shortest && length < tokens.length);
    const isSure = known.some((length) => watch.chanceAt(length) > SURE || scoreOf(length) >= textScores[tokens.length]);
    isStopped = isEnough(block) || lines >= mostLines || isSure;
    if (isStopped) break;
  }
  // A text as long as this was cut, not ended.
  const isEnded = !isStopped && tokens.length < maxTokens;
  if (isEnded) lineEnds.add(tokens.length);
  const scored = [...lineEnds]
    .filter((length) => length >= shortest)
    .map((length) => ({ length, score: length < tokens.length || isEnded ? scoreOf(length) : -Infinity }));
  const [best, ...others] = scored.sort((a, b) => b.score - a.score).map(({ length }) => tokens.slice(0, length));
  const answer = best ?? tokens;
  if (options.isUseless?.(answer) === true) {
    const other = yield* infillOtherwise(verifier, task, rules, options, sources, { watch, tokens: answer });
    if (other !== undefined) return other;
  }
  yield { slots: settledCanvas(answer).slots };
  const alternatives = others.slice(0, MOST_ALTERNATIVES).map((middle) => ({ tokens: middle, score: undefined }));
  return { tokens: answer, initialLength: answer.length, candidates: [], alternatives };
}

/** Another middle than one that is of no use: like that one up to the least sure token of its first line, and from there on otherwise. */
async function* infillOtherwise(
  verifier: Verifier,
  task: InfillTask,
  rules: WritingRules,
  options: LineEndOptions,
  sources: readonly DraftSource[],
  { watch, tokens }: { readonly watch: EndWatch; readonly tokens: readonly number[] },
): AsyncGenerator<InfillStep, InfillOutcome | undefined> {
  const lineBreak = tokens.findIndex((token) => options.isLineBreak(token));
  const line = tokens.slice(0, lineBreak === -1 ? undefined : lineBreak);
  const at = line.reduce((least, _, index) => (watch.furtherAt(index) < watch.furtherAt(least) ? index : least), 0);
  const begins: WritingRules["begins"] = (written) => (written.length < at ? [tokens[written.length]] : rules.begins?.(written));
  const barred: WritingRules["barred"] = (written) => [...(rules.barred?.(written) ?? []), ...(written.length === at ? [tokens[at]] : [])];
  const known = { drafter: new KnownDrafter(tokens.slice(0, at)), blockSizer: fixedBlock(at) };
  const drafts = at === 0 ? sources : [known, ...sources];
  const other = yield* infillByLineEnds(verifier, task, { ...rules, begins, barred }, { ...options, isUseless: undefined }, drafts);
  if (options.isUseless?.(other.tokens) === true) return undefined;
  return { ...other, alternatives: [...other.alternatives, { tokens, score: undefined }] };
}
