import { median } from "../../base/median.js";
import { probeTokens } from "./probeTokens.js";

/** A model at one place, with a cache of its own. */
export interface TrialSubject {
  /** Reads on behind what was read. @returns logits [tokens.length, vocabSize], valid until the next pass */
  read(tokens: readonly number[]): Promise<Float32Array>;
  /** The same, forgotten again. */
  look(tokens: readonly number[]): Promise<Float32Array>;
}

export interface TrialSubjects {
  /** On the processor, its inputs not rounded to 8 bits. */
  readonly unrounded: TrialSubject;
  /** On the processor, as it is used. */
  readonly processor: TrialSubject;
  readonly device: TrialSubject;
}

export interface TrialPlan {
  readonly vocabSize: number;
  /** Numbers of cached tokens at which passes are compared, ascending, the first 0. */
  readonly depths: readonly number[];
  /** Whether a device that is much slower is given up before all was compared: for who asks for the faster place only. */
  readonly givesUp: boolean;
  /** After so long no further depth is begun, once the cache has grown; before that it is slow, or goes on where it does not give up. */
  readonly budgetMs: number;
}

/** What trying a verifier's reader on its device came to, in words too. */
export interface ReaderRecord {
  readonly isRight: boolean;
  readonly detail: string;
}

/** What trying a device came to; all but "right" are reasons not to use it. */
export interface DeviceRecord {
  /**
   * "right": its logits and its text are the processor's, but for rounding. "wrong": they are not. "slow": so slow that it was given up.
   * "unavailable": the runtime finds no such device. "failed": a pass ended with an error. "crashed", "hung": what became of the process.
   */
  readonly verdict: "right" | "wrong" | "slow" | "unavailable" | "failed" | "crashed" | "hung";
  readonly detail: string;
  /** Of one that is not available: the library that the loader did not find. */
  readonly missing?: string;
  /** Of a right one: what its reader does there. */
  readonly reader?: ReaderRecord;
  /** Of a right one: the same passes, all together. */
  readonly deviceMs?: number;
  readonly processorMs?: number;
}

/** Tokens of passes as they are run: one, drafts of several lengths and their token, and the widest. */
export const TRIAL_WIDTHS = [1, 4, 8, 16, 28];
const WIDEST = 28;
/** An empty cache, one before and several after it has grown, as deep as prompts mostly are. */
export const TRIAL_DEPTHS = [0, 100, 280, 560, 1008];
/** A device is called right once it was so at this depth, or the deepest there is: a cache has grown by then. */
const LEAST_DEPTH = 280;
const TEXT_TOKENS = 32;
/** Of each width the faster of so many passes counts. */
const REPEATS = 2;
/** So many times as slow at the first depth is not worth a second look. */
const GIVEN_UP_AT = 4;

/**
 * How far logits may be from unrounded ones, in standard deviations of a row of them, as the root of the mean square.
 *
 * The processor's own passes round their inputs to 8 bits, and so may a device's, in other places: it may be as far again as the processor was,
 * in its worst row and in the middle one. A hundredth more covers rounding where the processor rounds nothing. Attention over wrong keys is
 * a deviation or more off; whatever the processor itself does, half of one is never taken.
 */
const AS_FAR_AGAIN = 2;
const ROUNDING = 0.01;
const NEVER_MORE = 0.5;
/**
 * How much less likely than the best token one of the text may be, in the same unit, in worst errors of the processor's: two logits may err
 * against each other by two of them each.
 */
const NEAR_TIE = 4;
const NEAR_TIE_ROUNDING = 0.05;

/**
 * Compares a device with the processor in passes of all widths at several depths of a growing cache, and in a greedy text. Does not throw for
 * what the device does.
 *
 * @param at told what is tried next, for who has to say where it ended
 */
export async function tryDevice(subjects: TrialSubjects, plan: TrialPlan, now: () => number, at: (what: string) => void): Promise<DeviceRecord> {
  try {
    return await new Trial(subjects, plan, now, at).run();
  } catch (error) {
    return { verdict: "failed", detail: reasonOf(error) };
  }
}

/** The part of a runtime's message that says why; what stands around it is file names and signatures, and of CUDA the machine's name. */
export function reasonOf(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  const [, cuda] = /(CUDA failure \d+: [^;]+?) *;/.exec(line) ?? [];
  return cuda ?? line.split(/ was false\. |\) : /).at(-1) ?? line;
}

class Trial {
  readonly #subjects: TrialSubjects;
  readonly #plan: TrialPlan;
  readonly #now: () => number;
  readonly #at: (what: string) => void;
  readonly #tokens: readonly number[];
  #past = 0;
  #worst = 0;
  #middle = 0;
  #deviceMs = 0;
  #processorMs = 0;

  constructor(subjects: TrialSubjects, plan: TrialPlan, now: () => number, at: (what: string) => void) {
    this.#subjects = subjects;
    this.#plan = plan;
    this.#now = now;
    this.#at = at;
    this.#tokens = probeTokens((plan.depths.at(-1) ?? 0) + WIDEST, plan.vocabSize);
  }

  async run(): Promise<DeviceRecord> {
    const start = this.#now();
    const { depths, givesUp, budgetMs } = this.#plan;
    for (const depth of depths) {
      if (this.#now() - start > budgetMs) {
        if (this.#past >= LEAST_DEPTH) break;
        if (givesUp) return { verdict: "slow", detail: this.#times };
      }
      await this.#readTo(depth);
      const wrong = await this.#compare(depth);
      if (wrong !== undefined) return { verdict: "wrong", detail: wrong };
      if (givesUp && this.#deviceMs > GIVEN_UP_AT * this.#processorMs) return { verdict: "slow", detail: this.#times };
    }
    const wrong = await this.#compareText();
    if (wrong !== undefined) return { verdict: "wrong", detail: wrong };
    const detail = `${this.#times}, compared after up to ${this.#past} tokens`;
    return { verdict: "right", detail, deviceMs: this.#deviceMs, processorMs: this.#processorMs };
  }

  get #times(): string {
    return `${this.#deviceMs.toFixed(1)} ms for what the processor does in ${this.#processorMs.toFixed(1)}`;
  }

  async #readTo(depth: number): Promise<void> {
    for (; this.#past < depth; ) {
      const part = this.#tokens.slice(this.#past, Math.min(depth, this.#past + WIDEST));
      this.#at(`a pass over ${part.length} tokens after ${this.#past}`);
      for (const subject of Object.values(this.#subjects) as TrialSubject[]) await subject.read(part);
      this.#past += part.length;
    }
  }

  /** @returns what is wrong */
  async #compare(depth: number): Promise<string | undefined> {
    const { unrounded, processor, device } = this.#subjects;
    const tokens = this.#tokens.slice(depth, depth + WIDEST);
    const expected = (await unrounded.look(tokens)).slice();
    const own = errorsOf(await processor.look(tokens), expected, this.#plan.vocabSize);
    this.#worst = Math.max(this.#worst, ...own);
    this.#middle = Math.max(this.#middle, median(own));
    for (const width of TRIAL_WIDTHS) {
      const part = tokens.slice(0, width);
      this.#at(`a pass over ${width} tokens after ${depth}`);
      const errors = errorsOf(await device.look(part), expected, this.#plan.vocabSize);
      // Not `error > most`: NaN must fail.
      const isRight = Math.max(...errors) <= mostError(this.#worst) && (width < WIDEST || median(errors) <= mostError(this.#middle));
      if (!isRight) return `its logits are off by ${Math.max(...errors).toFixed(2)} deviations in a pass over ${width} tokens after ${depth}`;
      this.#deviceMs += await this.#fastest(device, part);
      this.#processorMs += await this.#fastest(processor, part);
    }
    return undefined;
  }

  async #fastest(subject: TrialSubject, tokens: readonly number[]): Promise<number> {
    let least = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const start = this.#now();
      await subject.look(tokens);
      least = Math.min(least, this.#now() - start);
    }
    return least;
  }

  /** The device writes a greedy text, and the processor says of each of its tokens whether it would have come. @returns what is wrong */
  async #compareText(): Promise<string | undefined> {
    const { unrounded, device } = this.#subjects;
    const most = NEAR_TIE * this.#worst + NEAR_TIE_ROUNDING;
    let token = this.#tokens[this.#past];
    for (let written = 0; written < TEXT_TOKENS; written += 1) {
      this.#at(`token ${written + 1} of a text after ${this.#past} tokens`);
      const expected = await unrounded.read([token]);
      const row = expected.subarray(0, this.#plan.vocabSize);
      const { deviation, best } = shapeOf(row);
      token = shapeOf((await device.read([token])).subarray(0, this.#plan.vocabSize)).best;
      const gap = (row[best] - row[token]) / deviation;
      if (!(gap <= most)) return `token ${written + 1} of its text after ${this.#past} tokens is ${gap.toFixed(2)} deviations below the processor's`;
    }
    return undefined;
  }
}

/** By row of `size`, the root of the mean square of what logits differ by, in deviations of the row. */
export function errorsOf(logits: Float32Array, expected: Float32Array, size: number): number[] {
  return Array.from({ length: logits.length / size }, (_, row) => {
    const own = expected.subarray(row * size, (row + 1) * size);
    let squares = 0;
    for (let index = 0; index < size; index += 1) squares += (logits[row * size + index] - own[index]) ** 2;
    return Math.sqrt(squares / size) / shapeOf(own).deviation;
  });
}

/** The largest error that a device may have. @param own the processor's worst */
export function mostError(own: number): number {
  return Math.min(NEVER_MORE, AS_FAR_AGAIN * own + ROUNDING);
}

function shapeOf(row: Float32Array): { deviation: number; best: number } {
  let [sum, squares, best] = [0, 0, 0];
  for (let index = 0; index < row.length; index += 1) {
    sum += row[index];
    squares += row[index] ** 2;
    if (row[index] > row[best]) best = index;
  }
  const mean = sum / row.length;
  return { deviation: Math.sqrt(Math.max(squares / row.length - mean ** 2, Number.MIN_VALUE)), best };
}
