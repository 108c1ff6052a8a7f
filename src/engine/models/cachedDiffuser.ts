import { assert } from "../../base/assert.js";
import type { CanvasInput, Diffuser } from "../../decode/diffuser.js";
import { diffuserTokens, type Sequence } from "../../decode/sequence.js";
import type { DiffuserEntry } from "../../protocol/manifest.js";
import { PREFILL_CHUNK } from "./cachedVerifier.js";
import { canvasLayout, grouped } from "./canvasLayout.js";
import type { ContextPool } from "./contextPool.js";
import type { KvCache } from "./kvCache.js";
import { padded, type PassRunner } from "./passRunner.js";

const PAD_MULTIPLE = 4;

/** The masked diffusion model in the native runtime. Its context is causal and does not see canvases, so the cached context is exact. */
export class CachedDiffuser implements Diffuser {
  readonly vocabSize: number;
  readonly maskId: number;
  readonly sepId: number;
  readonly maxSlots: number;
  readonly #runner: PassRunner;
  readonly #pool: ContextPool;

  constructor(runner: PassRunner, { vocabSize, canvas, maxSlots }: DiffuserEntry, pool: ContextPool) {
    this.#runner = runner;
    this.#pool = pool;
    this.vocabSize = vocabSize;
    this.maskId = canvas.mask;
    this.sepId = canvas.goesOn;
    this.maxSlots = maxSlots;
  }

  /** See `Diffuser`. New context tokens and the canvases share one pass. @throws Cancelled */
  async denoise(sequence: Sequence, canvases: readonly CanvasInput[]): Promise<Float32Array[]> {
    const cache = this.#contextOf(sequence);
    const context = diffuserTokens(sequence);
    const groups = grouped(canvases, ({ slots, tail }) => slots.length + tail.length);
    const results: Float32Array[] = [];
    for (const group of groups) {
      const logits = await this.#denoiseGroup(cache, context, group);
      // With one group, as nearly always, the model's own buffer is handed out; several would overwrite each other.
      results.push(...(groups.length === 1 ? logits : logits.map((part) => part.slice())));
    }
    return results;
  }

  /** Reads `sequence` into its context. @throws Cancelled */
  async prefill(sequence: Sequence): Promise<void> {
    await this.#readContext(this.#contextOf(sequence), diffuserTokens(sequence), 0);
  }

  #contextOf(sequence: Sequence): KvCache {
    const { diffuser } = this.#pool.choose(sequence, true);
    assert(diffuser !== undefined, "a pool that was made for a diffuser");
    return diffuser;
  }

  async #denoiseGroup(cache: KvCache, context: readonly number[], canvases: readonly CanvasInput[]): Promise<Float32Array[]> {
    const past = await this.#readContext(cache, context, PREFILL_CHUNK);
    const fresh = context.slice(past);
    const tokens = [...fresh, ...canvases.flatMap((canvas) => [...canvas.slots, ...canvas.tail])];
    const input = padded(tokens, PAD_MULTIPLE);
    const layout = canvasLayout(past, fresh.length, canvases, input.length);
    const logits = await this.#runner.forward(cache, input, past, layout.rows, layout);
    cache.append(fresh, true);
    let row = 0;
    return canvases.map(({ slots }) => logits.subarray(row * this.vocabSize, (row += slots.length) * this.vocabSize));
  }

  /** Reads chunks of `context` until at most `leave` tokens of it are left; returns how many are cached. */
  async #readContext(cache: KvCache, context: readonly number[], leave: number): Promise<number> {
    let past = cache.commonPrefix(context, true);
    cache.rewind(past);
    while (context.length - past > leave) {
      const chunk = context.slice(past, past + PREFILL_CHUNK);
      const input = padded(chunk, PAD_MULTIPLE);
      await this.#runner.forward(cache, input, past, [0], canvasLayout(past, chunk.length, [], input.length));
      cache.append(chunk, true);
      past += chunk.length;
    }
    return past;
  }
}
