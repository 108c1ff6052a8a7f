import type { HoleParams } from "../protocol/messages.js";
import type { ServedModel } from "./servedModel.js";
import { isMarked } from "./servedFormat.js";
import type { ServedPrompt } from "./servedPrompt.js";

/** What is asked of a served model. */
export interface Ask extends Pick<HoleParams, "maxTokens" | "temperature" | "topP" | "seed" | "maxLines"> {
  readonly minTokens?: number | undefined;
}

/** Servers that go by the published interface take four. */
const MOST_STOPS = 4;
/**
 * vLLM holds back as many characters as its longest stop has, and shows the tokens that are none of a text where it is asked to: these
 * are looked for here, and the text comes at once.
 */
const SHOWS_ENDS = "vllm";

/** A request for text: where it goes, and what it says. @param isPlain leaves out what not every server knows */
export function requestBody({ kind, name, format }: ServedModel, prompt: ServedPrompt, ask: Ask, isPlain: boolean): { path: string; body: object } {
  const ends = format !== undefined && isMarked(format) ? format.ends : [];
  // The one line end ends it on the server, so that no token is written in vain; more of them are counted here.
  const lineEnd = ask.maxLines === 1 ? ["\n"] : [];
  const { temperature, seed } = ask;
  const chance = { temperature, top_p: ask.topP, seed };
  if (format?.name === "infill" && !("text" in prompt)) {
    const { prefix, suffix, related } = prompt;
    const hole = { input_prefix: prefix, input_suffix: suffix, input_extra: related, prompt: "" };
    return { path: "/infill", body: { ...hole, n_predict: ask.maxTokens, ...chance, stop: lineEnd, stream: true, n_probs: 1, cache_prompt: true } };
  }
  const all = [...lineEnd, ...(kind === SHOWS_ENDS ? [] : ends)];
  const stop = kind === "other" ? all.slice(0, MOST_STOPS) : all;
  const told = "text" in prompt ? { prompt: prompt.text } : { prompt: prompt.prefix, suffix: prompt.suffix };
  const usual = { model: name, ...told, max_tokens: ask.maxTokens, ...chance, ...(stop.length > 0 && { stop }), stream: true };
  if (isPlain) return { path: "/v1/completions", body: { ...usual, seed: undefined } };
  const minTokens = ask.minTokens ?? 1;
  const own =
    kind === SHOWS_ENDS
      ? { skip_special_tokens: false, ...(minTokens > 1 && { min_tokens: minTokens }) }
      : kind === "llama.cpp"
        ? { cache_prompt: true }
        : {};
  return { path: "/v1/completions", body: { ...usual, logprobs: 1, stream_options: { include_usage: true }, ...own } };
}
