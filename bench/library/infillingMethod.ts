import type { EngineClient } from "../../src/client/engineClient.js";
import type { InfillParams } from "../../src/protocol/messages.js";

/** What a method answered to one row. */
export interface MethodAnswer {
  readonly middle: string;
  readonly tokens: number;
  /** Forward passes over canvases, or of the verifier. */
  readonly passes: number;
  readonly ms: number;
}

/** A hole of known length. */
export interface MeasuredHole {
  readonly prefix: string;
  readonly suffix: string;
  /** Tokens of the true middle; only `oracle` may look. */
  readonly trueTokens: number;
  /** As the editor names the language. */
  readonly languageId?: string | undefined;
  /** Most tokens of an answer; default `MAX_TOKENS`. */
  readonly maxTokens?: number | undefined;
}

/** A way to answer a row, by the name it has on the command line. */
export interface BenchMethod {
  readonly name: string;
  answer(engine: Pick<EngineClient, "infill" | "complete">, hole: MeasuredHole, signal: AbortSignal): Promise<MethodAnswer>;
}

/** Longest middle of a bench answer, where holes are short. */
export const MAX_TOKENS = 64;

/** By diffusion. `oracle` fills exactly as many slots as the true middle has tokens. */
export function diffusionMethod(name: string, choice: Pick<InfillParams, "method" | "length"> | "oracle"): BenchMethod {
  return {
    name,
    async answer(engine, { prefix, suffix, trueTokens, languageId, maxTokens = MAX_TOKENS }, signal) {
      const method = choice === "oracle" ? { method: "fixed" as const, length: Math.min(trueTokens, maxTokens) } : choice;
      const params = { prefix, suffix, languageId, maxTokens, temperature: 0, topP: 1, seed: 0, ...method };
      const { middle, tokens, passes, ms } = await engine.infill(params, { signal });
      return { middle, tokens, passes: passes.verifier + passes.diffuser, ms };
    },
  };
}

/** By the verifier, plainly or with drafts. @param isUncut whether its own end alone ends an answer */
export function verifierMethod(name: string, decoder: "ar" | "deer", isUncut = false): BenchMethod {
  return {
    name,
    async answer(engine, { prefix, suffix, languageId, maxTokens = MAX_TOKENS }, signal) {
      const params = { prefix, suffix, languageId, maxTokens, temperature: 0, topP: 1, seed: 0, decoder, block: "auto" as const, isUncut };
      const { text, tokens, passes, ms } = await engine.complete(params, { signal });
      return { middle: text, tokens, passes: passes.verifier + passes.diffuser, ms };
    },
  };
}
