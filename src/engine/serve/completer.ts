import { decodeAutoregressively, type Completion, type CompletionOptions } from "../../decode/autoregressive.js";
import { fastestBlock, fixedBlock, type BlockSizer } from "../../decode/draft/blockSize.js";
import { DiffusionDrafter } from "../../decode/draft/draft.js";
import { KnownDrafter } from "../../decode/draft/knownDraft.js";
import { MarkedVerifier } from "../../decode/markedVerifier.js";
import { createRandom } from "../../base/random.js";
import { LONGEST_MATCH, lookupDrafter } from "../../decode/draft/lookupDraft.js";
import { speculate, type DraftSource } from "../../decode/draft/speculate.js";
import type { Verifier } from "../../decode/verifier.js";
import type { CompleteParams, CompleteResult } from "../../protocol/messages.js";
import { toLf } from "../../text/lineEnds.js";
import { AnswerText } from "./answerText.js";
import type { LoadedModels } from "../models/loadedModels.js";
import { measurePassCosts } from "../models/passCosts.js";
import { Cancelled } from "../passGate.js";
import { promptOf } from "./prompt.js";
import { StageClock } from "./stageClock.js";

/** Draft lengths of which "auto" takes the fastest; 0 is plain decoding. With the token before them they fill padded passes exactly. */
const BLOCK_LENGTHS = [0, 3, 7, 11, 15, 19, 23, 27, 31];

/** "auto" when sampling: what a seed leads to depends on the blocks, so they must not depend on measured times. */
const SAMPLING_BLOCK = 7;

/** Of the last answer's rest, which mostly stands as a whole. */
const REST_BLOCK = 31;

/** Lengths of a repetition whose drafts fare alike. A match of one token is worth a try: a short draft fits into the pass anyway. */
const LOOKUP_CLASSES = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 5],
  [6, 9],
  [10, LONGEST_MATCH - 1],
  [LONGEST_MATCH, LONGEST_MATCH],
];

/** Where drafts come from whenever a request has nothing of its own: repetitions, which cost nothing, and the diffuser. */
interface CommonSources {
  readonly lookups: readonly DraftSource[];
  readonly diffusion: BlockSizer;
}

/** An answer, and the text it was to. */
interface Answered {
  readonly prefix: string;
  readonly text: string;
}

/** Completes text: continues a prefix, knowing the suffix. */
export class Completer {
  readonly #models: LoadedModels;
  #last: Answered = { prefix: "", text: "" };
  /** Learn from one request for the next. */
  #learned: CommonSources | undefined;

  constructor(models: LoadedModels) {
    this.#models = models;
  }

  /** @param onText receives each block's text as soon as it is verified */
  async complete(params: CompleteParams, onText: (text: string) => void): Promise<CompleteResult> {
    const { verifier, plainVerifier, diffuser, gate, tokenizer, verifierFacts } = this.#models;
    const start = performance.now();
    const answer = new AnswerText(tokenizer, params.prefix + params.suffix, onText);
    const tokens: number[] = [];
    const blocks: number[] = [];
    const clock = new StageClock();
    let promptMs = 0;
    let generationStart = start;
    let rest: Partial<Completion> = {};
    let outcome: CompleteResult["outcome"] = "done";
    try {
      const prompt = promptOf(this.#models, params).tokens;
      const sources = params.decoder === "deer" ? await this.#draftSources(params, prompt.length) : undefined;
      const measured = performance.now();
      await verifier.prefill(prompt);
      if (params.decoder === "deer") await diffuser.prefill(prompt);
      generationStart = performance.now();
      promptMs = generationStart - measured;
      const timed = clock.timeVerifier(params.decoder === "ar" ? plainVerifier : verifier);
      const decoder = this.#decoder(
        params,
        prompt,
        timed,
        sources?.map((source) => clock.timeDrafts(source)),
      );
      let step = await decoder.next();
      for (; step.done !== true; step = await decoder.next()) {
        tokens.push(...step.value);
        blocks.push(step.value.length);
        answer.push(step.value);
      }
      rest = step.value;
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      outcome = "cancelled";
    }
    const text = answer.end();
    this.#last = { prefix: params.prefix, text };
    const end = performance.now();
    const allBlocks = rest.blocks ?? blocks;
    return {
      outcome,
      text,
      tokens: tokens.length,
      tokenIds: tokens,
      verifies: allBlocks.length,
      drafted: rest.drafted ?? 0,
      accepted: rest.accepted ?? 0,
      blocks: allBlocks,
      drafts: rest.drafts ?? [],
      passes: gate.passes,
      ms: end - start,
      stages: clock.stages(end - generationStart),
      promptMs,
      tokensPerSecond: (tokens.length * 1000) / (end - generationStart),
      decoder: params.decoder,
      model: verifierFacts.name,
      device: this.#models.deviceInUse(),
    };
  }

  #decoder(
    params: CompleteParams,
    prompt: readonly number[],
    model: Verifier,
    sources: readonly DraftSource[] | undefined,
  ): AsyncGenerator<readonly number[], Completion> {
    const { eos, fimMiddle } = this.#models.manifest.specialIds;
    const verifier = new MarkedVerifier(model, prompt.length, fimMiddle);
    const rule = { temperature: params.temperature, topP: params.topP };
    const options: CompletionOptions = { eosId: eos, maxTokens: params.maxTokens, rule, random: createRandom(params.seed) };
    return sources === undefined ? decodeAutoregressively(verifier, prompt, options) : speculate(verifier, prompt, sources, options);
  }

  async #draftSources(params: CompleteParams, promptTokens: number): Promise<DraftSource[]> {
    const { diffuser, manifest } = this.#models;
    const rule = { temperature: params.temperature, topP: params.topP };
    // A generator of its own: drafts then do not shift the verifier's chance.
    const drafter = new DiffusionDrafter(diffuser, manifest.specialIds.eos, rule, createRandom(params.seed + 1));
    const { lookups, diffusion } = await this.#commonSources(params);
    return [...this.#restOfLast(params, promptTokens), ...lookups, { drafter, blockSizer: diffusion }];
  }

  /**
   * Where something was typed since, and is what the last answer said: the rest of that answer. Not when sampling: a seed's
   * text must not depend on history.
   */
  #restOfLast({ prefix, temperature }: CompleteParams, promptTokens: number): DraftSource[] {
    const { prefix: before, text } = this.#last;
    const expected = before + text;
    if (temperature > 0 || prefix.length <= before.length || prefix.length >= expected.length || !expected.startsWith(prefix)) return [];
    const tokens = this.#models.tokenizer.encode(toLf(expected.slice(prefix.length)));
    return [{ drafter: new KnownDrafter(promptTokens, tokens), blockSizer: fixedBlock(REST_BLOCK) }];
  }

  async #commonSources({ block, temperature }: CompleteParams): Promise<CommonSources> {
    const fixed = block === "auto" && temperature > 0 ? SAMPLING_BLOCK : block;
    if (fixed !== "auto") return { lookups: [{ drafter: lookupDrafter(), blockSizer: fixedBlock(fixed) }], diffusion: fixedBlock(fixed) };
    if (this.#learned === undefined) {
      const costs = await measurePassCosts(this.#models.verifier, this.#models.diffuser, BLOCK_LENGTHS);
      const free = costs.map((cost) => ({ ...cost, draftMs: 0 }));
      const lookups = LOOKUP_CLASSES.map(([shortest, longest]) => ({
        drafter: lookupDrafter(shortest, longest),
        blockSizer: fastestBlock(free),
      }));
      this.#learned = { lookups, diffusion: fastestBlock(costs) };
    }
    return this.#learned;
  }
}
