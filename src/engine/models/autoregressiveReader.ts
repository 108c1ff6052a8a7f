import type { DraftRule, SureDraft, SureModel } from "../../decode/draft/sureDraft.js";
import type { Sequence } from "../../decode/sequence.js";
import type { TimedDrafter } from "./calibration.js";
import type { Anchor, CachedVerifier } from "./cachedVerifier.js";
import { chooser, likeliest } from "./cachedReader.js";
import type { KvCache } from "./kvCache.js";
import type { ReaderRunner } from "./readerRunner.js";
import type { Candidates, SequentialHead } from "./sequentialHead.js";

/** A draft that hardly anything is expected to stand of is not written on. */
const LEAST_STANDING = 0.15;

/**
 * What a reader is compared with: the same network, trained to write one token a pass, in EAGLE's manner (arXiv 2401.15077). Its keys and values go
 * behind the verifier's, and each pass has the state of the pass before it.
 */
export class AutoregressiveReader implements SureModel, TimedDrafter {
  readonly maxSlots: number;
  readonly #runner: ReaderRunner;
  readonly #verifier: CachedVerifier;
  readonly #head: SequentialHead;
  readonly #classOf: Map<number, number>;

  constructor(runner: ReaderRunner, verifier: CachedVerifier, head: SequentialHead) {
    this.#runner = runner;
    this.#verifier = verifier;
    this.#head = head;
    this.maxSlots = runner.entry.maxSlots;
    this.#classOf = new Map([...head.tokens].map((token, index) => [token, index]));
  }

  /** See `SureModel`. Ends where the text does, and where hardly anything is expected to stand. @throws Cancelled */
  async propose(sequence: Sequence, wanted: number, { rule, random, mayRead }: DraftRule): Promise<SureDraft> {
    const anchor = wanted === 0 ? undefined : await this.#verifier.anchorOf(sequence, mayRead);
    if (anchor === undefined) return { tokens: [], certainties: [], proposals: undefined };
    const { choose, proposals } = chooser(this.#head, this.#verifier.vocabSize, rule, random);
    return { ...(await this.#draft(anchor, wanted, choose, LEAST_STANDING)), proposals };
  }

  /** See `CachedReader.timeDraft`: of all of its passes. @throws Cancelled */
  async timeDraft(cache: KvCache, past: number, length: number): Promise<number> {
    const start = performance.now();
    await this.#draft({ token: 0, cache, past, last: undefined }, length, likeliest, 0);
    return performance.now() - start;
  }

  /** @param least chance of the whole draft below which it is not written on */
  async #draft(
    { token, cache, past, last }: Anchor,
    wanted: number,
    choose: (of: Candidates) => number,
    least: number,
  ): Promise<{ tokens: number[]; certainties: number[] }> {
    const tokens: number[] = [];
    const certainties: number[] = [];
    let [before, state, standing] = [token, last, 1];
    for (let slot = 0; slot < Math.min(wanted, this.maxSlots) && standing >= least && !this.#verifier.ends.has(tokens.at(-1) ?? -1); slot += 1) {
      const at = past + slot;
      const seen = { positions: BigInt64Array.of(BigInt(at)), bias: new Float32Array(at + 1) };
      const pass = { ...seen, tokens: [before], slots: [slot], role: "draft", last: state, rows: [0] } as const;
      const { logits, certainty, states } = await this.#runner.forward(cache, at, pass);
      const known = this.#classOf.get(before) ?? this.#runner.classes;
      certainties.push(this.#head.chance(certainty[0], known));
      standing *= certainties[slot];
      before = this.#head.tokens[choose(this.#head.candidates(logits, known))];
      tokens.push(before);
      state = states;
    }
    return { tokens, certainties };
  }
}
