import { decodeAutoregressively, type Completion } from "../../decode/autoregressive.js";
import { fixedBlock } from "../../decode/draft/blockSize.js";
import { KnownDrafter } from "../../decode/draft/knownDraft.js";
import { createRandom } from "../../base/random.js";
import { lookupDrafter } from "../../decode/draft/lookupDraft.js";
import { speculate, type DraftSource } from "../../decode/draft/speculate.js";
import { RuledVerifier } from "../../decode/ruledVerifier.js";
import type { Layout } from "../../decode/sequence.js";
import type { Verifier } from "../../decode/verifier.js";
import type { CompleteParams, CompleteResult } from "../../protocol/messages.js";
import { toLf } from "../../text/lineEnds.js";
import { AnswerText } from "./answerText.js";
import type { OnText } from "../../text/writtenText.js";
import type { Pair } from "../models/pair.js";
import { Cancelled } from "../passGate.js";
import { learningSources, type CommonSources } from "./learningSources.js";
import { healedPrompt } from "./prompt.js";
import { requestRules } from "./requestRules.js";
import { StageClock } from "./stageClock.js";
import { TokenLikelihoods } from "./tokenLikelihoods.js";

/** Where drafts by the diffuser do not pay, every so many requests they are tried again: only then it reads the prompt. */
const TRY_DIFFUSION_EVERY = 16;

/** "auto" when sampling: what a seed leads to depends on the blocks, so they must not depend on measured times. */
const SAMPLING_BLOCK = 7;

/** Of the last answer's rest, which mostly stands as a whole. */
const REST_BLOCK = 31;

/** An answer, and the text it was to. */
interface Answered {
  readonly prefix: string;
  readonly text: string;
}

/** Completes text for one who asks: continues a prefix, knowing the suffix. */
export class Completer {
  readonly #pair: Pair;
  #last: Answered = { prefix: "", text: "" };
  /** Learn from one request for the next. */
  readonly #learned: CommonSources;
  /** The same for drafts from one place alone, which others do not fall back on. */
  readonly #learnedAlone = new Map<CompleteParams["drafts"], CommonSources>();
  #requests = 0;

  constructor(pair: Pair, learned = learningSources(pair)) {
    this.#pair = pair;
    this.#learned = learned;
  }

  /** @param onText receives each block's text as soon as it is verified */
  async complete(params: CompleteParams, onText: OnText): Promise<CompleteResult> {
    const { verifier, gate } = this.#pair;
    const start = performance.now();
    const { layout, healed } = healedPrompt(this.#pair, params);
    const answer = new AnswerText(verifier.tokenizer, params, onText, healed);
    const tokens: number[] = [];
    const blocks: number[] = [];
    const clock = new StageClock();
    let promptMs = 0;
    let generationStart = start;
    let rest: Partial<Completion> = {};
    let outcome: CompleteResult["outcome"] = "done";
    try {
      const usesDiffusion = params.decoder === "deer" && this.#usesDiffusion(params);
      const sources = params.decoder === "deer" ? this.#draftSources(params, healed, usesDiffusion) : undefined;
      await verifier.exact.prefill({ layout, written: [] });
      const { diffuser } = this.#pair;
      if (usesDiffusion && diffuser?.readsPrompt === true) await diffuser.model.prefill({ layout, written: [] });
      generationStart = performance.now();
      promptMs = generationStart - start;
      const ruled = new RuledVerifier(params.decoder === "ar" ? verifier.plain : verifier.exact, requestRules(verifier, params, false, healed));
      const likelihoods = new TokenLikelihoods(clock.timeVerifier(ruled));
      const drafts = sources?.map((source) => clock.timeDrafts(source));
      const decoder = decoderOf(params, layout, likelihoods.watched, drafts, () => answer.isFull);
      let step = await decoder.next();
      for (; step.done !== true; step = await decoder.next()) {
        // A block may hold more than the answer: what undrafted decoding would not have come to is no part of it.
        const taken = answer.push(step.value, (token) => likelihoods.of(token));
        tokens.push(...step.value.slice(0, taken));
        blocks.push(taken);
      }
      rest = step.value;
      if (!answer.isFull && tokens.length < params.maxTokens) answer.endsWith(likelihoods.ofEnd());
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      outcome = "cancelled";
    }
    const text = answer.end();
    this.#last = { prefix: params.prefix, text };
    const end = performance.now();
    const allBlocks = rest.blocks === undefined ? blocks : cutTo(rest.blocks, tokens.length);
    return {
      outcome,
      text,
      likelihoods: answer.likelihoods,
      tokens: tokens.length,
      tokenIds: tokens,
      verifies: allBlocks.length,
      drafted: rest.drafted ?? 0,
      accepted: Math.min(rest.accepted ?? 0, tokens.length),
      blocks: allBlocks,
      drafts: rest.drafts ?? [],
      passes: gate.passes,
      ms: end - start,
      stages: clock.stages(end - generationStart),
      promptMs,
      tokensPerSecond: (tokens.length * 1000) / (end - generationStart),
      decoder: params.decoder,
      model: verifier.entry.name,
      device: verifier.runner.device,
    };
  }

  /**
   * Whether a diffuser drafts for this request: where that pays, where a draft length is asked for, and now and then; one that reads no
   * prompt always may.
   */
  #usesDiffusion({ block, temperature, drafts }: CompleteParams): boolean {
    if (drafts !== undefined) return drafts === "diffusion";
    if (this.#pair.diffuser?.readsPrompt === false) return true;
    this.#requests += 1;
    const isFixed = block !== "auto" || temperature > 0;
    return isFixed || this.#learned.diffusion.isPaying?.() === true || this.#requests % TRY_DIFFUSION_EVERY === 0;
  }

  #draftSources(params: CompleteParams, healed: string, usesDiffusion: boolean): DraftSource[] {
    const { diffuser } = this.#pair;
    const { lookups, diffusion } = this.#commonSources(params);
    const sources = params.drafts === "diffusion" ? [] : [...this.#known(params, healed), ...lookups];
    if (diffuser === undefined || !usesDiffusion) return sources;
    const rule = { temperature: params.temperature, topP: params.topP };
    // A generator of its own: drafts then do not shift the verifier's chance.
    const { calibration } = this.#pair;
    const costsNow = params.block === "auto" && params.temperature === 0 ? () => calibration.costs : undefined;
    const drafter = diffuser.drafter(rule, createRandom(params.seed + 1), costsNow);
    return [...sources, { drafter, blockSizer: diffusion }];
  }

  /**
   * What is known of the answer before it is written: where something was typed since the last one, and is what that one said, its
   * rest; else what a healed prompt makes it begin with, so that a word which is whole costs no pass of its own. When sampling no rest:
   * a seed's text must not depend on history.
   */
  #known({ prefix, temperature }: CompleteParams, healed: string): DraftSource[] {
    const { prefix: before, text } = this.#last;
    const expected = before + text;
    const goesOn = temperature === 0 && prefix.length > before.length && prefix.length < expected.length && expected.startsWith(prefix);
    const known = healed + (goesOn ? expected.slice(prefix.length) : "");
    if (known.trim() === "") return [];
    return [{ drafter: new KnownDrafter(this.#pair.verifier.tokenizer.encode(toLf(known))), blockSizer: fixedBlock(REST_BLOCK) }];
  }

  #commonSources({ block, temperature, drafts }: CompleteParams): CommonSources {
    const fixed = block === "auto" && temperature > 0 ? SAMPLING_BLOCK : block;
    if (fixed === "auto" && drafts === undefined) return this.#learned;
    if (fixed === "auto") {
      const alone = this.#learnedAlone.get(drafts) ?? learningSources(this.#pair);
      this.#learnedAlone.set(drafts, alone);
      return alone;
    }
    return { lookups: [{ drafter: lookupDrafter(), blockSizer: fixedBlock(fixed) }], diffusion: fixedBlock(fixed) };
  }
}

/** Blocks of which the last may hold more tokens than are left for it. */
function cutTo(blocks: readonly number[], tokens: number): readonly number[] {
  let left = tokens;
  return blocks.map((block) => {
    const kept = Math.min(block, left);
    left -= kept;
    return kept;
  });
}

function decoderOf(
  { temperature, topP, maxTokens, seed }: CompleteParams,
  layout: Layout,
  verifier: Verifier,
  sources: readonly DraftSource[] | undefined,
  isEnough: () => boolean,
): AsyncGenerator<readonly number[], Completion> {
  const options = { maxTokens, rule: { temperature, topP }, random: createRandom(seed), isEnough };
  return sources === undefined ? decodeAutoregressively(verifier, layout, options) : speculate(verifier, layout, sources, options);
}
