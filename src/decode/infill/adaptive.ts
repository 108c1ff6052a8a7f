import { Canvas } from "./canvas.js";
import type { Diffuser } from "../diffuser.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { isAllowed, rankMiddles, settledCanvas, type Judge } from "./judgedMiddles.js";
import { probeCanvases } from "./lengthProbe.js";
import { lengthDrift, probeLengths, rankLengths, type ScoredLength } from "./lengthScore.js";
import { allAbove, readSlots, tokenOf } from "./slotReading.js";

/** Probability from which on a slot is committed beside others. */
const SURE = 0.8;
/** No canvas takes more passes than this. */
const MOST_STEPS = 8;
/** Lengths that are filled side by side. */
const RIVALS = 4;
/** Lengths that the second look adds. */
const NEIGHBOURS = 8;
/** Lengths up to this are looked at in any case, and so are those up to a multiple of the judge's own. */
const LEAST_LOOKED_AT = 8;
const LOOKED_BEYOND = 2;
/** A length that is being filled. */
interface Rival {
  readonly canvas: Canvas;
  readonly length: number;
}

/**
 * Fills a hole of unknown length in few passes.
 *
 * The judge writes middles of its own first: where they end bounds the lengths that are looked at. One pass scores powers of two
 * as LR-DLLM does, one more the lengths about the best of them; the best few lengths are then filled side by side in shared
 * passes, each committing every slot it is sure of. The judge chooses among all middles. The others are the alternatives.
 *
 * @param isLate asked between passes; once true, the judge's own middle is the answer where it has one, else one last pass commits
 * everything
 */
export async function* infillAdaptive(diffuser: Diffuser, task: InfillTask, judge: Judge, isLate: () => boolean): InfillDecoder {
  const { vocabSize, maskId } = diffuser;
  const own = isLate()
    ? []
    : (await judge.ownMiddles(task.minTokens > 1 ? task.minTokens : 0, task.maxTokens)).filter((middle) => isAllowed(middle, task));
  if (own.length > 0 && isLate()) {
    yield { slots: settledCanvas(own[0]).slots };
    return { tokens: own[0], initialLength: own[0].length, candidates: [], alternatives: [] };
  }
  const candidates = await scoredLengths(diffuser, task, mostLength(diffuser, task, own));
  const rivals: Rival[] = candidates.slice(0, RIVALS).map(({ length }) => ({ length, canvas: new Canvas(length, length) }));
  yield { slots: rivals[0].canvas.slots };
  for (let open = rivals; open.length > 0; open = open.filter(({ canvas }) => canvas.undecided > 0)) {
    const late = isLate();
    const running = late ? open.slice(0, 1) : open;
    const canvases = running.map(({ canvas }) => ({ slots: canvas.masked(maskId), tail: task.tail }));
    const results = await diffuser.denoise({ layout: task.layout, written: [] }, canvases);
    running.forEach(({ canvas }, index) => {
      const logits = results[index];
      const commitRule = allAbove(late ? 0 : SURE, Math.ceil(canvas.length / MOST_STEPS));
      for (const reading of commitRule(readSlots(logits, canvas.slots, vocabSize, task.forbidden))) {
        canvas.commit(reading.slot, tokenOf(reading, logits, vocabSize, task), reading.probability);
      }
    });
    yield { slots: rivals[0].canvas.slots };
    if (late) break;
  }
  const filled = rivals.filter(({ canvas }) => canvas.undecided === 0).map(({ canvas }) => canvas);
  const [best, ...alternatives] = await rankMiddles([...filled.map(({ committed }) => committed), ...own], judge);
  const { tokens } = best;
  yield { slots: (filled.find(({ committed }) => committed.join() === tokens.join()) ?? settledCanvas(tokens)).slots };
  return { tokens, initialLength: candidates[0].length, candidates, alternatives };
}

/** The longest length to look at: some more than the judge's own, or all that is allowed where it found no end. */
function mostLength({ maxSlots }: Diffuser, { minTokens, maxTokens }: InfillTask, own: readonly (readonly number[])[]): number {
  const most = Math.min(maxTokens, maxSlots);
  if (own.length === 0) return most;
  const longest = Math.max(...own.map(({ length }) => length));
  return Math.min(most, Math.max(LEAST_LOOKED_AT, minTokens, LOOKED_BEYOND * longest));
}

/** Powers of two in one pass, then the lengths about the best in another; all of them, best first, by the drift of the first. */
async function scoredLengths(diffuser: Diffuser, task: InfillTask, most: number): Promise<ScoredLength[]> {
  const sequence = { layout: task.layout, written: [] };
  const coarse = await probeCanvases(diffuser, sequence, task.tail, probeLengths(task.minTokens, most));
  const drift = lengthDrift(coarse);
  const [{ length: centre }] = rankLengths(coarse, drift);
  const lengths = neighbours(centre, task.minTokens, most).filter((length) => coarse.every((probe) => probe.length !== length));
  const fine = lengths.length > 0 ? await probeCanvases(diffuser, sequence, task.tail, lengths) : [];
  return rankLengths([...coarse, ...fine], drift);
}

/** At most `NEIGHBOURS` lengths within a factor of two of `centre`, the nearest first. */
function neighbours(centre: number, least: number, most: number): number[] {
  const lengths: number[] = [];
  for (let away = 1; lengths.length < NEIGHBOURS && away < centre; away += 1) {
    for (const length of [centre - away, centre + away]) if (length > centre / 2 && length >= least && length <= most) lengths.push(length);
  }
  return lengths;
}
