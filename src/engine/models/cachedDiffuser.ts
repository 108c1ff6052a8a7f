import { assert } from "../../base/assert.js";
import type { CanvasInput, Diffuser } from "../../decode/diffuser.js";
import { diffuserTokens, type Sequence } from "../../decode/sequence.js";
import type { DiffuserEntry } from "../../protocol/manifest.js";
import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import { PREFILL_CHUNK } from "./cachedVerifier.js";
import type { ContextPool } from "./contextPool.js";
import type { KvCache } from "./kvCache.js";
import { padded, type AttentionInputs, type PassRunner } from "./passRunner.js";

/** Canvas tokens of one pass; more canvases are done in several. */
const MAX_CANVAS_TOKENS = SPARE_POSITIONS - PREFILL_CHUNK - 8;
const PAD_MULTIPLE = 4;
/** Added to the score of a key that must not be seen; finite, so that a row of nothing else stays a number. */
const HIDDEN = -1e9;

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
    const groups = grouped(canvases);
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

/**
 * Positions and visibility of a pass over `fresh` context tokens, then canvases, then padding, behind `past` cached tokens.
 *
 * A context token sees what is before it; a canvas token sees the context and its own canvas; padding sees the first key.
 *
 * @returns `bias` [m, past + m], `positions` [m], and `rows`, the indices of all slots in order
 */
export function canvasLayout(
  past: number,
  fresh: number,
  canvases: readonly CanvasInput[],
  m: number,
): AttentionInputs & { readonly rows: readonly number[] } {
  const keys = past + m;
  const bias = new Float32Array(m * keys).fill(HIDDEN);
  const positions = new BigInt64Array(m);
  const rows: number[] = [];
  for (let row = 0; row < fresh; row += 1) {
    bias.fill(0, row * keys, row * keys + past + row + 1);
    positions[row] = BigInt(past + row);
  }
  let at = fresh;
  for (const { slots, tail } of canvases) {
    const end = at + slots.length + tail.length;
    for (let row = at; row < end; row += 1) {
      bias.fill(0, row * keys, row * keys + past + fresh);
      bias.fill(0, row * keys + past + at, row * keys + past + end);
      positions[row] = BigInt(past + fresh + row - at);
      if (row < at + slots.length) rows.push(row);
    }
    at = end;
  }
  for (let row = at; row < m; row += 1) bias[row * keys] = 0;
  return { bias, positions, rows: rows.length > 0 ? rows : [0] };
}

function grouped(canvases: readonly CanvasInput[]): CanvasInput[][] {
  const groups: CanvasInput[][] = [];
  let size = Infinity;
  for (const canvas of canvases) {
    const tokens = canvas.slots.length + canvas.tail.length;
    if (size + tokens > MAX_CANVAS_TOKENS) {
      groups.push([]);
      size = 0;
    }
    groups[groups.length - 1].push(canvas);
    size += tokens;
  }
  return groups;
}
