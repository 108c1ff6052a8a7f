import type { CanvasInput } from "../../decode/diffuser.js";
import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import { PREFILL_CHUNK } from "./cachedVerifier.js";
import type { AttentionInputs } from "./passRunner.js";

/** Canvas tokens of one pass; more canvases are done in several. */
const MAX_CANVAS_TOKENS = SPARE_POSITIONS - PREFILL_CHUNK - 8;
/** Added to the score of a key that must not be seen; finite, so that a row of nothing else stays a number. */
export const HIDDEN = -1e9;

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

/** Canvases in groups that fit into a pass each, in their order. @param tokensOf how many tokens of it a canvas takes */
export function grouped<T>(canvases: readonly T[], tokensOf: (canvas: T) => number): T[][] {
  const groups: T[][] = [];
  let size = Infinity;
  for (const canvas of canvases) {
    const tokens = tokensOf(canvas);
    if (size + tokens > MAX_CANVAS_TOKENS) {
      groups.push([]);
      size = 0;
    }
    groups[groups.length - 1].push(canvas);
    size += tokens;
  }
  return groups;
}
