import type { CanvasSlot } from "./canvas.js";
import type { ScoredLength } from "./lengthScore.js";
import type { Layout } from "../sequence.js";
import type { Random } from "../../base/random.js";
import type { SamplingRule } from "../sample.js";

/** A hole and how to fill it. */
export interface InfillTask {
  readonly layout: Layout;
  /** Token ids right behind a canvas whose length is meant: how the model knows that the text meets its suffix there. */
  readonly tail: readonly number[];
  /** The same for a canvas whose slots may still split or go. */
  readonly flexibleTail: readonly number[];
  /** Fewest tokens the middle may have, at least 1. */
  readonly minTokens: number;
  /** Most tokens the middle may have, at least `minTokens`. */
  readonly maxTokens: number;
  /** Ids never committed: end of text, masks and the like. */
  readonly forbidden: readonly number[];
  /** Published for LR-DLLM and DreamOn: temperature 0.2, top-p 0.9. */
  readonly rule: SamplingRule;
  readonly random: Random;
}

/** The canvas after a forward pass, and what the pass led to. */
export interface InfillStep {
  readonly slots: readonly CanvasSlot[];
}

/** A complete middle. */
export interface RankedMiddle {
  readonly tokens: readonly number[];
  /** By its judge, in nats, higher is better; undefined where there was nothing to judge it against. */
  readonly score: number | undefined;
}

export interface InfillOutcome {
  readonly tokens: readonly number[];
  /** The length that decoding began with. */
  readonly initialLength: number;
  /** The lengths that were scored, best first; empty when the method scores none. */
  readonly candidates: readonly ScoredLength[];
  /** Other complete middles, best first; empty when the method finds none. */
  readonly alternatives: readonly RankedMiddle[];
}

/** A way to fill a hole: yields after every pass, and may be stopped between passes with `return()`. */
export type InfillDecoder = AsyncGenerator<InfillStep, InfillOutcome>;

/** Fills nothing in, without a pass: the answer of a request whose time is up before it begins. */
export async function* infillNothing(): InfillDecoder {
  yield { slots: [] };
  return { tokens: [], initialLength: 0, candidates: [], alternatives: [] };
}
