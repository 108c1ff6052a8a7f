import type { CanvasInput, Diffuser } from "../../decode/diffuser.js";
import type { DraftRule, SureDraft, SureModel } from "../../decode/draft/sureDraft.js";
import type { Random } from "../../base/random.js";
import { argmax, distribution, drawIndex, type SamplingRule } from "../../decode/sample.js";
import type { Sequence } from "../../decode/sequence.js";
import type { Anchor, CachedVerifier } from "./cachedVerifier.js";
import { canvasLayout, grouped } from "./canvasLayout.js";
import type { KvCache } from "./kvCache.js";
import { padded } from "./passRunner.js";
import type { ReaderRunner, SlotScores } from "./readerRunner.js";
import type { Candidates, SequentialHead } from "./sequentialHead.js";

const PAD_MULTIPLE = 4;
/** An undecided slot. */
const MASK = -1;
/** What is said of a slot's tokens in place of the logits that the head does not give. */
const IMPOSSIBLE = -Infinity;

/**
 * A diffuser without a context of its own: its canvases attend to the verifier's cache. A canvas begins with the anchor, the last token
 * of the sequence, whose keys and values the cache does not hold yet. What a slot holds is told at the token before it, as a verifier does.
 *
 * Tokens that are written already stay in the canvas as decided slots, so that committing one costs no pass of the verifier; only where
 * they and the canvas do not fit together, the verifier reads them.
 */
export class CachedReader implements Diffuser, SureModel {
  readonly vocabSize: number;
  readonly maskId = MASK;
  /** A reader sees what follows a canvas in the prompt: nothing stands behind its slots. */
  readonly sepId = MASK;
  readonly maxSlots: number;
  readonly #runner: ReaderRunner;
  readonly #verifier: CachedVerifier;
  readonly #head: SequentialHead;
  /** Class of each token of the vocabulary; that of "any other" where the head has none. */
  readonly #classOf: Int32Array;
  /** The token that stands for END: the verifier's own end. */
  readonly #end: number;
  #rows = new Float32Array(0);

  constructor(runner: ReaderRunner, verifier: CachedVerifier, head: SequentialHead) {
    this.#runner = runner;
    this.#verifier = verifier;
    this.#head = head;
    this.vocabSize = verifier.vocabSize;
    this.maxSlots = runner.entry.maxSlots;
    this.#classOf = new Int32Array(this.vocabSize).fill(runner.classes);
    head.tokens.forEach((token, index) => (this.#classOf[token] = index));
    [this.#end] = verifier.ends;
  }

  /** See `Diffuser`. The end of the verifier's texts has the logit of END, by which a slot is surplus. @throws Cancelled */
  async denoise({ layout, written }: Sequence, canvases: readonly CanvasInput[]): Promise<Float32Array[]> {
    const longest = Math.max(...canvases.map(({ slots }) => slots.length));
    const decided = written.length + longest <= this.maxSlots ? written : [];
    const anchor = await this.#anchorOf({ layout, written: decided === written ? [] : written });
    const sizes = canvases.map(({ slots }) => slots.length * this.vocabSize);
    const rows = this.#vocabularyRows(sizes.reduce((sum, size) => sum + size, 0));
    let [from, first] = [0, 0];
    for (const group of grouped(canvases, ({ slots }) => 1 + decided.length + slots.length)) {
      await this.#score(anchor, decided, group, rows.subarray(first * this.vocabSize));
      first += group.reduce((sum, { slots }) => sum + slots.length, 0);
    }
    return sizes.map((size) => rows.subarray(from, (from += size)));
  }

  /** Sees to it that the next canvas after `sequence` costs no pass of the verifier. @throws Cancelled */
  async prefill(sequence: Sequence): Promise<void> {
    await this.#anchorOf(sequence);
  }

  /** See `SureModel`. Nothing follows an end of text. @throws Cancelled */
  async propose(sequence: Sequence, wanted: number, { rule, random, mayRead }: DraftRule): Promise<SureDraft> {
    const anchor = wanted === 0 ? undefined : await this.#verifier.anchorOf(sequence, mayRead);
    if (anchor === undefined) return { tokens: [], certainties: [], proposals: undefined };
    const { choose, proposals } = chooser(this.#head, this.vocabSize, rule, random);
    return { ...(await this.#draft(anchor, wanted, choose)), proposals };
  }

  /** Milliseconds of a draft of `length` tokens behind the first `past` positions of a cache whose contents do not matter. @throws Cancelled */
  async timeDraft(cache: KvCache, past: number, length: number): Promise<number> {
    const start = performance.now();
    await this.#draft({ token: 0, cache, past, last: undefined }, length, likeliest);
    return performance.now() - start;
  }

  async #anchorOf(sequence: Sequence): Promise<Anchor> {
    return (await this.#verifier.anchorOf(sequence, true)) as Anchor;
  }

  /** @param choose the class of the next token */
  async #draft(anchor: Anchor, wanted: number, choose: (of: Candidates) => number): Promise<{ tokens: number[]; certainties: number[] }> {
    const length = Math.min(wanted, this.maxSlots);
    // Nothing is told at the last slot.
    const canvas = [anchor.token, ...new Array<number>(length - 1).fill(MASK)];
    const { logits, certainty } = await this.#pass(anchor, "draft", [canvas], [...canvas.keys()]);
    const { classes } = this.#runner;
    const tokens: number[] = [];
    const certainties: number[] = [];
    let before = this.#classOf[anchor.token];
    for (let slot = 0; slot < length && !this.#verifier.ends.has(tokens.at(-1) ?? MASK); slot += 1) {
      certainties.push(this.#head.chance(certainty[slot], before));
      before = choose(this.#head.candidates(logits.subarray(slot * classes, (slot + 1) * classes), before));
      tokens.push(this.#head.tokens[before]);
    }
    return { tokens, certainties };
  }

  /** Writes the logits of undecided slots of canvases, one after the other, into `rows` [slots, vocabSize]. */
  async #score(anchor: Anchor, decided: readonly number[], canvases: readonly CanvasInput[], rows: Float32Array): Promise<void> {
    const contents = canvases.map(({ slots }) => [anchor.token, ...decided, ...slots]);
    /** `at`: the token before the slot. */
    const undecided: { readonly row: number; readonly at: number; readonly before: number }[] = [];
    let [row, start] = [0, 0];
    for (const content of contents) {
      for (let at = 1 + decided.length; at < content.length; at += 1, row += 1) {
        if (content[at] !== MASK) continue;
        const before = content[at - 1];
        undecided.push({ row, at: start + at - 1, before: before === MASK ? this.#runner.classes + 1 : this.#classOf[before] });
      }
      start += content.length;
    }
    if (undecided.length === 0) return;
    const scores = await this.#pass(anchor, "infill", contents, undecided.map(({ at }) => at)); // prettier-ignore
    const { logits } = await this.#followed(scores, undecided.map(({ before }) => before)); // prettier-ignore
    const { classes } = this.#runner;
    undecided.forEach(({ row: slot }, index) => {
      const offset = slot * this.vocabSize;
      const own = index * classes;
      for (let each = 0; each < classes - 1; each += 1) rows[offset + this.#head.tokens[each]] = logits[own + each];
      rows[offset + this.#end] = logits[own + classes - 1];
    });
  }

  /** Scores with what decided tokens before slots add; slots without one are left as they are. */
  async #followed(scores: SlotScores, before: readonly number[]): Promise<SlotScores> {
    const { classes } = this.#runner;
    const known = [...before.keys()].filter((row) => before[row] <= classes);
    if (known.length === 0) return scores;
    const logits = new Float32Array(known.length * classes);
    known.forEach((row, index) => logits.set(scores.logits.subarray(row * classes, (row + 1) * classes), index * classes));
    const certainty = Float32Array.from(known, (row) => scores.certainty[row]);
    const followed = await this.#runner.follow({ logits, certainty }, known.map((row) => before[row])); // prettier-ignore
    known.forEach((row, index) => scores.logits.set(followed.logits.subarray(index * classes, (index + 1) * classes), row * classes));
    return scores;
  }

  /** @param contents anchor and slots of each canvas; @param rows indices into all of them, one after the other */
  #pass({ cache, past, last }: Anchor, role: "draft" | "infill", contents: readonly number[][], rows: readonly number[]): Promise<SlotScores> {
    const tokens = padded(contents.flat(), PAD_MULTIPLE);
    const slots = padded(contents.flatMap((content) => [...content.keys()]), PAD_MULTIPLE); // prettier-ignore
    const canvases = contents.map((content) => ({ slots: content, tail: [] }));
    return this.#runner.forward(cache, past, { ...canvasLayout(past, 0, canvases, tokens.length), tokens, slots, role, last, rows });
  }

  /** Memory for rows of the vocabulary; tokens that the head does not give are impossible in them. */
  #vocabularyRows(size: number): Float32Array {
    if (this.#rows.length < size) this.#rows = new Float32Array(size).fill(IMPOSSIBLE);
    return this.#rows;
  }
}

/**
 * Chooses the classes of drafted tokens by a rule: at temperature 0 the likeliest.
 *
 * @returns `proposals`, which gets the distribution over the vocabulary of each token that is drawn; undefined where none is
 */
export function chooser(
  head: SequentialHead,
  vocabSize: number,
  rule: SamplingRule,
  random: Random,
): { readonly choose: (of: Candidates) => number; readonly proposals: Float64Array[] | undefined } {
  if (rule.temperature === 0) return { choose: likeliest, proposals: undefined };
  const proposals: Float64Array[] = [];
  const choose = ({ classes, logits }: Candidates): number => {
    const shares = new Float64Array(classes.length);
    distribution(logits, 0, classes.length, rule, shares);
    const proposal = new Float64Array(vocabSize);
    classes.forEach((each, index) => (proposal[head.tokens[each]] = shares[index]));
    proposals.push(proposal);
    return classes[drawIndex(shares, classes.length, random)];
  };
  return { choose, proposals };
}

/** The class of the highest logit; of equal ones the lowest. */
export function likeliest({ classes, logits }: Candidates): number {
  return classes[argmax(logits, 0, classes.length)];
}
