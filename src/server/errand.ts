import type { CanvasSlotText, CompleteParams, CompleteResult, HoleParams, InfillParams, InfillResult } from "../protocol/messages.js";
import { SERVER_DECODER } from "../protocol/serverDecoder.js";
import { healedWord } from "../text/healing.js";
import type { OnText } from "../text/writtenText.js";
import type { Limits } from "./patience.js";
import { isMarked } from "./servedFormat.js";
import { ServedText } from "./servedText.js";
import type { TeamServer } from "./teamServer.js";

/** One request on its way. */
export interface Errand {
  readonly server: TeamServer;
  readonly limits: Limits;
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
}

interface Answered {
  readonly outcome: "done" | "cancelled";
  readonly text: string;
  readonly written: ServedText;
  readonly ms: number;
  readonly promptMs: number;
}

/** Continues the prefix, knowing the suffix. @throws as `TeamServer.write` */
export async function complete(errand: Errand, params: CompleteParams, onText: OnText): Promise<CompleteResult> {
  const { outcome, text, written, ms, promptMs } = await answer(errand, params, onText, () => {}, false);
  const { tokens, likelihoods } = written;
  const writingMs = Math.max(1, ms - promptMs);
  return {
    outcome,
    text,
    likelihoods,
    tokens,
    tokenIds: [],
    verifies: tokens,
    drafted: 0,
    accepted: 0,
    blocks: [],
    drafts: [],
    passes: { verifier: 0, diffuser: 0 },
    ms,
    stages: { draftMs: 0, verifyMs: writingMs, otherMs: 0 },
    promptMs,
    tokensPerSecond: (tokens * 1000) / writingMs,
    decoder: SERVER_DECODER,
    model: errand.server.model?.name ?? "",
    device: errand.server.host,
  };
}

/** Fills a hole, with the model's own middle. Nothing of it is sure to stay before its end. @throws as `TeamServer.write` */
export async function infill(errand: Errand, params: InfillParams, onCanvas: (slots: readonly CanvasSlotText[]) => void): Promise<InfillResult> {
  const { outcome, text, written, ms } = await answer(errand, params, () => {}, onCanvas, true);
  return {
    outcome,
    middle: text,
    tokens: written.tokens,
    passes: { verifier: 0, diffuser: 0 },
    ms,
    length: { initial: written.tokens, final: written.tokens, candidates: [] },
    alternatives: [],
    method: "ar",
    model: errand.server.model?.name ?? "",
    device: errand.server.host,
  };
}

/**
 * Asks once, or twice: the space before the cursor, and a word that is begun, are written anew, as by the models here (`healedEnd`). A
 * server cannot be held to a beginning: where its answer has another one, it is left, and asked with the prompt as it stands.
 */
async function answer(
  { server, limits, signal }: Errand,
  params: HoleParams & Pick<InfillParams, "minTokens">,
  onText: OnText,
  onCanvas: (slots: readonly CanvasSlotText[]) => void,
  fillsHole: boolean,
): Promise<Answered> {
  const start = performance.now();
  let promptMs: number | undefined;
  const withHealed = async (healed: string): Promise<Answered | undefined> => {
    const format = server.model?.format;
    const ends = format !== undefined && isMarked(format) ? format.ends : [];
    const written = new ServedText(params, ends, onText, healed, fillsHole);
    const place = { ...params, prefix: params.prefix.slice(0, params.prefix.length - healed.length) };
    let outcome: Answered["outcome"] = "done";
    let said = "";
    try {
      for await (const piece of server.write(place, params, limits, signal)) {
        if (piece.text !== "" || piece.tokens.length > 0) promptMs ??= performance.now() - start;
        if (said.length < healed.length) {
          said += piece.text;
          if (said.slice(0, healed.length) !== healed.slice(0, said.length)) return undefined;
        }
        written.push(piece);
        onCanvas(written.slots);
        if (written.isDone && piece.end === undefined) break;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      outcome = "cancelled";
    }
    if (said.length < healed.length && outcome === "done") return undefined;
    const ms = performance.now() - start;
    return { outcome, text: written.end(), written, ms, promptMs: promptMs ?? ms };
  };
  return (await withHealed(healedWord(params.prefix))) ?? (await withHealed(""))!;
}
