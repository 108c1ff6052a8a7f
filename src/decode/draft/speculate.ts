import { acceptDraft } from "./accept.js";
import type { Completion, CompletionOptions } from "../autoregressive.js";
import type { BlockSizer } from "./blockSize.js";
import type { Draft, Drafter } from "./draft.js";
import type { Layout, Sequence } from "../sequence.js";
import type { Verifier } from "../verifier.js";

/** One way to make drafts, with what decides how long they are. */
export interface DraftSource {
  readonly drafter: Drafter;
  readonly blockSizer: BlockSizer;
}

/**
 * Decodes by drafting and verifying: the verifier's own text, in fewer passes.
 *
 * Each round takes a block from the most promising source that has one, verifies it in one pass, and keeps the longest part that
 * stands and one token of the verifier's own. Yields the tokens of each round; stop it between rounds with `return()`.
 *
 * Source: DEER, arXiv 2512.15176.
 */
export async function* speculate(
  verifier: Verifier,
  layout: Layout,
  sources: readonly DraftSource[],
  { maxTokens, rule, random, isEnough = () => false }: CompletionOptions,
): AsyncGenerator<readonly number[], Completion> {
  const written: number[] = [];
  const blocks: number[] = [];
  const drafts: number[] = [];
  const probabilities = new Float64Array(verifier.vocabSize);
  let accepted = 0;
  let ended = false;
  while (!ended && written.length < maxTokens && !isEnough()) {
    const start = written.length;
    const wanted = maxTokens - start;
    const sequence = { layout, written: [...written] };
    // The verifier adds one token of its own: drafting all that is wanted would draft one too many.
    const { draft, source } = await bestDraft(sources, sequence, wanted - 1, verifier.vocabSize);
    const logits = await verifier.next({ layout, written: written.concat(draft.tokens) }, draft.tokens.length + 1);
    const verdict = acceptDraft(draft, logits, verifier.vocabSize, rule, random, probabilities);
    source?.blockSizer.observe(draft.tokens.length, verdict.accepted);
    const observed = { sequence, drafted: draft.tokens, kept: verdict.accepted, logits };
    for (const { drafter } of sources) drafter.observe?.(observed);
    drafts.push(draft.tokens.length);
    for (const token of [...draft.tokens.slice(0, verdict.accepted), verdict.next]) {
      ended = verifier.ends.has(token);
      if (ended) break;
      written.push(token);
    }
    const block = written.slice(start);
    accepted += Math.min(verdict.accepted, block.length);
    blocks.push(block.length);
    if (block.length > 0) yield block;
  }
  const drafted = drafts.reduce((sum, length) => sum + length, 0);
  return { tokens: written, blocks, drafts, drafted, accepted };
}

const NO_DRAFT: Draft = { tokens: [], proposals: undefined };

/** What the most promising source with anything to propose proposes, at most `limit` tokens; of equal ones the first. */
async function bestDraft(
  sources: readonly DraftSource[],
  sequence: Sequence,
  limit: number,
  vocabSize: number,
): Promise<{ readonly draft: Draft; readonly source?: DraftSource }> {
  const offers = sources.map((source) => ({ source, choice: source.blockSizer.next() }));
  offers.sort(({ choice: a }, { choice: b }) => (a.tokensPerMs === b.tokensPerMs ? 0 : b.tokensPerMs - a.tokensPerMs));
  for (const { source, choice } of offers) {
    const length = Math.min(choice.length, limit);
    if (length === 0) continue;
    const draft = usable(await source.drafter.draft(sequence, length), limit, vocabSize);
    if (draft.tokens.length > 0) return { draft, source };
  }
  return { draft: NO_DRAFT };
}

/** The part of a draft that can be verified: not too long, and up to the first id that is not in the vocabulary. */
function usable({ tokens, proposals }: Draft, limit: number, vocabSize: number): Draft {
  const foreign = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize);
  const length = Math.min(limit, foreign === -1 ? tokens.length : foreign);
  return { tokens: tokens.slice(0, length), proposals: proposals?.slice(0, length) };
}
