import type { CanvasInput, Diffuser } from "../../decode/diffuser.js";
import type { SpecialIds } from "../../protocol/manifest.js";
import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import { padded, type AttentionInputs, type OnnxModel } from "./onnxModel.js";
import { PREFILL_CHUNK } from "./onnxVerifier.js";

/** Canvas tokens of one pass; more canvases are done in several. */
const MAX_CANVAS_TOKENS = SPARE_POSITIONS - PREFILL_CHUNK - 8;
const PAD_MULTIPLE = 4;
/** Added to the score of a key that must not be seen; finite, so that a row of nothing else stays a number. */
const HIDDEN = -1e9;

/** The masked diffusion model in ONNX Runtime. Its context is causal and does not see canvases, so the cached context is exact. */
export class OnnxDiffuser implements Diffuser {
  readonly vocabSize: number;
  readonly maskId: number;
  readonly sepId: number;
  readonly maxSlots: number;
  readonly #model: OnnxModel;

  constructor(model: OnnxModel, specialIds: SpecialIds) {
    this.#model = model;
    this.vocabSize = model.facts.vocabSize;
    this.maskId = specialIds.mask;
    this.sepId = specialIds.sep;
    this.maxSlots = model.facts.maxSlots;
  }

  /** See `Diffuser`. New context tokens and the canvases share one pass. @throws Cancelled */
  async denoise(context: readonly number[], canvases: readonly CanvasInput[]): Promise<Float32Array[]> {
    const groups = grouped(canvases);
    const results: Float32Array[] = [];
    for (const group of groups) {
      const logits = await this.#denoiseGroup(context, group);
      // With one group, as nearly always, the model's own buffer is handed out; several would overwrite each other.
      results.push(...(groups.length === 1 ? logits : logits.map((part) => part.slice())));
    }
    return results;
  }

  /** Reads `context` into the cache. @throws Cancelled */
  async prefill(context: readonly number[]): Promise<void> {
    await this.#readContext(context, 0);
  }

  async #denoiseGroup(context: readonly number[], canvases: readonly CanvasInput[]): Promise<Float32Array[]> {
    const past = await this.#readContext(context, PREFILL_CHUNK);
    const fresh = context.slice(past);
    const tokens = [...fresh, ...canvases.flatMap((canvas) => [...canvas.slots, ...canvas.tail])];
    const input = padded(tokens, PAD_MULTIPLE);
    const layout = canvasLayout(past, fresh.length, canvases, input.length);
    const logits = await this.#model.forward(input, past, layout.rows, layout);
    this.#model.cache.append(fresh, true);
    let row = 0;
    return canvases.map(({ slots }) => logits.subarray(row * this.vocabSize, (row += slots.length) * this.vocabSize));
  }

  /** Reads chunks of `context` until at most `leave` tokens of it are left; returns how many are cached. */
  async #readContext(context: readonly number[], leave: number): Promise<number> {
    const cache = this.#model.caches.choose(context, true);
    let past = cache.commonPrefix(context, true);
    cache.rewind(past);
    while (context.length - past > leave) {
      const chunk = context.slice(past, past + PREFILL_CHUNK);
      const input = padded(chunk, PAD_MULTIPLE);
      await this.#model.forward(input, past, [0], canvasLayout(past, chunk.length, [], input.length));
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
