import type { BlockSizer } from "../../decode/draft/blockSize.js";
import { infillAdaptive } from "../../decode/infill/adaptive.js";
import { infillByBlocks } from "../../decode/infill/blockDiffusion.js";
import { infillCalibrated } from "../../decode/infill/calibratedLength.js";
import { infillExpandDelete } from "../../decode/infill/expandDelete.js";
import { infillGreedily } from "../../decode/infill/greedyMiddle.js";
import { infillByLineEnds, type LineEndOptions } from "../../decode/infill/lineEnds.js";
import type { Judge } from "../../decode/infill/judgedMiddles.js";
import { infillFixedLength } from "../../decode/infill/fixedLength.js";
import { infillNothing, type InfillDecoder, type InfillTask } from "../../decode/infill/infillTask.js";
import { infillLengthRegularized } from "../../decode/infill/lengthRegularized.js";
import type { WritingRules } from "../../decode/ruledVerifier.js";
import type { Layout } from "../../decode/sequence.js";
import { allAbove, mostConfident } from "../../decode/infill/slotReading.js";
import { VerifierJudge } from "../../decode/infill/verifierJudge.js";
import { PenalizedJudge } from "../../decode/infill/penalizedJudge.js";
import { LacunaError } from "../../protocol/errors.js";
import { readerOf } from "../../protocol/manifest.js";
import type { InfillMethod, InfillParams } from "../../protocol/messages.js";
import { opensInVain } from "../../syntax/opensInVain.js";
import { unmatchedBrackets } from "../../syntax/unmatchedBrackets.js";
import { toLf } from "../../text/lineEnds.js";
import { fillDrafts } from "./fillDrafts.js";
import { AnswerText } from "./answerText.js";
import { requestRules } from "./requestRules.js";
import { saysLineBelow } from "./lineBelow.js";
import { BRACKET_UNITS, withoutRestOfLine } from "./restOfLine.js";
import type { LoadedDiffuser } from "../models/loadedDiffuser.js";
import type { LoadedVerifier, Pair } from "../models/pair.js";

/** Slots of a block, and the probability above which one is committed; both as dLLM-Var's drafter was trained and published. */
const BLOCK_SLOTS = 32;
const BLOCK_SURE = 0.9;
/** What a bracket without partner takes off a score, in nats. */
const BRACKET_PENALTY = 4;
/** What a middle of white space alone loses, in nats: often likely, never of use. */
const BLANK_PENALTY = 20;
/** DreamOn's start where the request names none and allows as many. */
const DEFAULT_START = 16;

/** What a request is decoded with beside itself. */
export interface InfillMoment {
  /** When it came, on the clock of `performance.now`. */
  readonly start: number;
  /** What the verifier's own text begins with: see `healedEnd`. */
  readonly healed: string;
  /** How long drafts of a reader are. */
  readonly diffusion: BlockSizer;
}

/**
 * The decoder of a request.
 *
 * @throws LacunaError `badRequest` when the models lack what the method needs, or the length does not fit them
 */
export function infillDecoder(pair: Pair, params: InfillParams, task: InfillTask, { start, healed, diffusion }: InfillMoment): InfillDecoder {
  const { diffuser } = pair;
  const { method } = params;
  const isLate = (): boolean => params.deadlineMs !== undefined && performance.now() - start >= params.deadlineMs;
  if (method === "auto" && isLate()) return infillNothing();
  const rules = requestRules(pair.verifier, params, true, healed);
  if (method === "ar") return infillGreedily(pair.verifier.exact, task, rules);
  if (method === "auto" && isWrittenByVerifier(pair, method)) {
    // What meets no suffix has no end that it is ready for: what ends an answer cuts it.
    if (params.suffix.trim() === "") return infillGreedily(pair.verifier.exact, task, rules);
    return infillByLineEnds(pair.verifier.exact, task, rules, lineEndOptions(pair.verifier, params, healed, isLate), fillDrafts(pair, diffusion));
  }
  if (diffuser?.fillsHoles !== true) {
    const missing = `There is no diffuser here${diffuser === undefined ? "" : " that fills holes"}, which the method ${method} needs`;
    const { device } = pair.verifier.runner;
    const is =
      diffuser !== undefined || readerOf(pair.files.manifest) === undefined ? "" : `: the reader does not run on ${device}, where the verifier is`;
    const others = "Choose auto or ar: both work with a verifier alone.";
    throw new LacunaError("badRequest", `${missing}${is}.`, is === "" ? others : `Choose cpu as the device. ${others}`);
  }
  if (method !== "auto") return diffusionDecoder(diffuser, method, params, task);
  return infillAdaptive(diffuser.model, task, judgeOf(pair.verifier, params, task.layout, rules, healed), isLate);
}

/** Whether a middle is the verifier's own text. A reader knows less of a hole than its verifier, and drafts for it. */
export function isWrittenByVerifier({ diffuser }: Pick<Pair, "diffuser">, method: InfillMethod): boolean {
  return method === "ar" || (method === "auto" && diffuser?.readsPrompt !== true);
}

/** What is known of a hole for the verifier's own text in it. */
function lineEndOptions({ tokenizer, lineBreaks }: LoadedVerifier, params: InfillParams, healed: string, isLate: () => boolean): LineEndOptions {
  const enough = (): ((block: readonly number[]) => boolean) => {
    const answer = new AnswerText(tokenizer, params, () => {}, healed, true);
    return (block) => {
      answer.push(block);
      return answer.isFull || isLate();
    };
  };
  return {
    isLineBreak: (token) => lineBreaks.has(token),
    beginsWithBreak: (token) => tokenizer.decode([token]).startsWith("\n"),
    endsAt: sidesOfBreaks(params),
    mostLines: params.maxLines,
    penaltyOf: penaltyOf({ tokenizer }, params, healed),
    enough,
    isUseless: (middle) => !isLate() && saysLineBelow(tokenizer.decode(middle).slice(healed.length), params),
  };
}

/** A hole of whole lines takes the last break with it, and one in front of a break leaves it; where code follows on the line, either may be. */
function sidesOfBreaks({ prefix, suffix }: Pick<InfillParams, "prefix" | "suffix">): LineEndOptions["endsAt"] {
  if (/^[ \t]*(\r?\n|$)/.test(suffix)) return { before: true, behind: false };
  return { before: prefix !== "" && !prefix.endsWith("\n"), behind: true };
}

type DiffusionMethod = Exclude<InfillMethod, "auto" | "ar">;

function diffusionDecoder(diffuser: LoadedDiffuser, method: DiffusionMethod, params: InfillParams, task: InfillTask): InfillDecoder {
  const { model, entry } = diffuser;
  const { end, expand, flexible } = entry.canvas;
  const most = Math.min(model.maxSlots, task.maxTokens);
  const length = params.length ?? Math.min(DEFAULT_START, most);
  if (length > most) throw new LacunaError("badRequest", `A canvas of ${length} slots is too long here.`, `Ask for at most ${most}.`);
  const lacks = (what: string): LacunaError => new LacunaError("badRequest", `${entry.name} has no ${what} for ${method}.`, "Choose another method.");
  switch (method) {
    case "cal":
      if (entry.lengthBias === undefined) throw lacks("constants");
      return infillCalibrated(model, task, entry.lengthBias);
    case "dreamon":
      // A reader says which slots are surplus, and has no token that splits one.
      if (diffuser.readsPrompt && (expand === undefined || flexible === undefined)) throw lacks("tokens");
      return infillExpandDelete(model, task, { expand, delete: end }, length, mostConfident);
    case "block":
      return infillByBlocks(model, task, end, BLOCK_SLOTS, allAbove(BLOCK_SURE));
    case "fixed":
      return infillFixedLength(model, task, length, mostConfident);
    case "lr":
      return infillLengthRegularized(model, task);
  }
}

/** The verifier, which sees that a middle meets its suffix, helped where it is weak: brackets. */
export function judgeOf(
  { exact, tokenizer, lineBreaks }: Pick<LoadedVerifier, "exact" | "tokenizer" | "lineBreaks">,
  params: Pick<InfillParams, "prefix" | "suffix" | "languageId" | "maxLines">,
  layout: Layout,
  rules: WritingRules = {},
  healed = "",
): Judge {
  const inner = new VerifierJudge(exact, layout, (token) => lineBreaks.has(token), params.maxLines, rules);
  return new PenalizedJudge(inner, penaltyOf({ tokenizer }, params, healed));
}

/** What speaks against a middle, in nats: brackets without partner, a block opened in vain, and nothing said. */
function penaltyOf(
  { tokenizer }: Pick<LoadedVerifier, "tokenizer">,
  { prefix, suffix, languageId }: Pick<InfillParams, "prefix" | "suffix" | "languageId">,
  healed: string,
): (middle: readonly number[]) => number {
  const before = toLf(prefix.slice(-BRACKET_UNITS));
  const after = toLf(suffix.slice(0, BRACKET_UNITS));
  return (middle) => {
    const text = withoutRestOfLine(tokenizer.decode(middle).slice(healed.length), { prefix, suffix, languageId });
    const unmatched = unmatchedBrackets(before + text + after, languageId) + (languageId === "python" && opensInVain(before + text, after) ? 1 : 0);
    return BRACKET_PENALTY * unmatched + (text.trim() === "" ? BLANK_PENALTY : 0);
  };
}
