import assert from "node:assert/strict";
import { createRandom } from "../../../../src/base/random.js";
import { TRIAL_DEPTHS, reasonOf, tryDevice, type TrialSubject, type TrialSubjects } from "../../../../src/engine/models/deviceTrial.js";

const VOCAB = 64;
const PLAN = { vocabSize: VOCAB, depths: TRIAL_DEPTHS, givesUp: true, budgetMs: Infinity };

/** How a scripted model differs from the unrounded one. */
interface Script {
  /** A pass takes so many milliseconds. */
  readonly ms?: number;
  /** What a logit is off by, in deviations, at a position in a pass of so many tokens. */
  readonly off?: (position: number, width: number) => number;
  /** The pass that fails, counted from 1. */
  readonly failsAt?: number;
}

/** A model whose logits depend on the position and the token alone, and passes that cost time of a clock. */
class Scripted implements TrialSubject {
  passes = 0;
  #past = 0;
  readonly #script: Script;
  readonly #clock: { ms: number };

  constructor(script: Script, clock: { ms: number }) {
    this.#script = script;
    this.#clock = clock;
  }

  async look(tokens: readonly number[]): Promise<Float32Array> {
    const { ms = 1, off = () => 0, failsAt } = this.#script;
    this.passes += 1;
    this.#clock.ms += ms;
    if (this.passes === failsAt) throw new Error("device lost");
    const logits = new Float32Array(tokens.length * VOCAB);
    tokens.forEach((token, row) => {
      const position = this.#past + row;
      const random = createRandom(position * VOCAB + token);
      // Uniform in [-1, 1]: a deviation is the root of a third.
      for (let index = 0; index < VOCAB; index += 1) {
        const error = off(position, tokens.length) / Math.sqrt(3);
        logits[row * VOCAB + index] = 2 * random.next() - 1 + (index % 2 === 0 ? error : -error);
      }
    });
    return logits;
  }

  async read(tokens: readonly number[]): Promise<Float32Array> {
    const logits = await this.look(tokens);
    this.#past += tokens.length;
    return logits;
  }
}

/** Tries a device that is as it is scripted. */
async function trial(device: Script, { processor = {}, plan = {} }: { processor?: Script; plan?: Partial<typeof PLAN> } = {}) {
  const clock = { ms: 0 };
  const subjects = { unrounded: new Scripted({}, clock), processor: new Scripted(processor, clock), device: new Scripted(device, clock) };
  const stages: string[] = [];
  const told = (what: string): void => void stages.push(what);
  const record = await tryDevice(subjects satisfies TrialSubjects, { ...PLAN, ...plan }, () => clock.ms, told);
  return { record, stages, passes: subjects.device.passes };
}

describe("the trial of a device", () => {
  it("finds one right, and how fast it was against the processor in the same passes", async () => {
    const { record } = await trial({ ms: 2 }, { processor: { ms: 8 } });
    assert.equal(record.verdict, "right");
    assert.equal((record.processorMs ?? 0) / (record.deviceMs ?? 1), 4);
    assert.match(record.detail, /1008 tokens/);
  });

  it("finds one right that is slower, and gives up one that is much slower, unless it was asked for", async () => {
    assert.equal((await trial({ ms: 3 })).record.verdict, "right");
    const givenUp = await trial({ ms: 30 });
    assert.equal(givenUp.record.verdict, "slow");
    const askedFor = await trial({ ms: 30 }, { plan: { givesUp: false } });
    assert.equal(askedFor.record.verdict, "right");
    assert.ok(givenUp.passes < askedFor.passes / 4);
  });

  it("finds one wrong that is so at depth alone, in the widest passes alone, or after its cache has grown", async () => {
    for (const off of [
      (position: number) => (position > 900 ? 1 : 0),
      (_: number, width: number) => (width > 16 ? 1 : 0),
      (position: number) => (position >= 256 && position < 280 + 28 ? 1 : 0),
    ]) {
      const { record } = await trial({ off });
      assert.equal(record.verdict, "wrong");
      assert.match(record.detail, /deviations/);
    }
    assert.match((await trial({ off: (position) => (position > 900 ? 1 : 0) })).record.detail, /after 1008/);
  });

  it("finds NaN wrong", async () => assert.equal((await trial({ off: () => NaN })).record.verdict, "wrong"));

  it("lets it be off as far again as the processor's own rounding, and no further", async () => {
    const processor = { off: () => 0.1 };
    assert.equal((await trial({ off: () => 0.19 }, { processor })).record.verdict, "right");
    assert.equal((await trial({ off: () => 0.25 }, { processor })).record.verdict, "wrong");
    assert.equal((await trial({ off: () => 0.19 })).record.verdict, "wrong");
    // A processor that is itself far off excuses nothing.
    assert.equal((await trial({ off: () => 0.6 }, { processor: { off: () => 0.6 } })).record.verdict, "wrong");
  });

  it("finds one wrong whose text is another, though the passes before it were right", async () => {
    const { record } = await trial({ off: (position) => (position >= 1008 + 28 ? 4 : 0) });
    assert.equal(record.verdict, "wrong");
    assert.match(record.detail, /of its text/);
  });

  it("says that a pass failed, and what was tried last", async () => {
    const { record, stages } = await trial({ failsAt: 20 });
    assert.deepEqual(record, { verdict: "failed", detail: "device lost" });
    assert.match(stages.at(-1) ?? "", /a pass over \d+ tokens after \d+/);
  });

  it("compares as deep as there is time, at least until the cache has grown", async () => {
    assert.match((await trial({}, { plan: { budgetMs: 150 } })).record.detail, /compared after up to (280|560) tokens/);
    assert.equal((await trial({}, { plan: { budgetMs: 1 } })).record.verdict, "slow");
    assert.match((await trial({}, { plan: { budgetMs: 1, givesUp: false } })).record.detail, /compared after up to 280 tokens/);
  });
});

describe("the reason of a runtime's message", () => {
  it("is what it ends with, after file names and signatures", () => {
    assert.equal(reasonOf(new Error("/src/gqa.cc:12 Run(int) x > 0 was false. no such width\nmore")), "no such width");
  });

  it("is CUDA's own where it has one, without the machine's name", () => {
    const message = "/src/cuda_call.cc:154 T Call(int) [T = int] CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=pc ; a";
    assert.equal(reasonOf(new Error(message)), "CUDA failure 100: no CUDA-capable device is detected");
  });
});
