import assert from "node:assert/strict";
import { createRandom } from "../../../../src/base/random.js";
import type { ReaderRecord } from "../../../../src/engine/models/deviceTrial.js";
import { tryReader, type CanvasScores, type ReaderSubject } from "../../../../src/engine/models/readerTrial.js";

const CLASSES = 32;
const DEPTHS = [1, 100, 560];

/** What a scripted reader's scores are off by, in deviations; a message is what its pass fails with. */
type Script = (past: number, role: "draft" | "infill") => { logits?: number; certainty?: number } | string;

function scripted(script: Script, asked: string[] = []): ReaderSubject {
  const scores = async (role: "draft" | "infill", past: number, rows: number): Promise<CanvasScores> => {
    asked.push(`${role} ${past}`);
    const off = script(past, role);
    if (typeof off === "string") throw new Error(off);
    const random = createRandom(past * 100 + rows);
    // Uniform in [-1, 1]: a deviation is the root of a third.
    const values = (count: number, error = 0): Float32Array =>
      Float32Array.from({ length: count }, (_, index) => 2 * random.next() - 1 + ((index % 2 === 0 ? 1 : -1) * error) / Math.sqrt(3));
    return { logits: values(rows * CLASSES, off.logits), certainty: values(rows, off.certainty) };
  };
  return {
    classes: CLASSES,
    draft: (past, slots) => scores("draft", past, slots),
    infill: (past, slots) => scores("infill", past, 2 * slots),
  };
}

async function trial(
  device: Script | undefined,
  processor: Script = () => ({}),
  hasTime?: () => boolean,
): Promise<{ record: ReaderRecord; stages: string[]; asked: string[] }> {
  const stages: string[] = [];
  const asked: string[] = [];
  const subjects = { unrounded: scripted(() => ({})), processor: scripted(processor), device: device && scripted(device, asked) };
  return { record: await tryReader(subjects, DEPTHS, (what) => void stages.push(what), hasTime), stages, asked };
}

describe("the trial of a reader on a device", () => {
  it("finds one right that says what the processor's says, in both roles behind every length, the longest first", async () => {
    const { record, asked, stages } = await trial(() => ({ logits: 0.005 }));
    assert.deepEqual(record, { isRight: true, detail: "compared after up to 560 tokens" });
    assert.deepEqual(asked, ["draft 560", "infill 560", "draft 100", "infill 100", "draft 1", "infill 1"]);
    assert.equal(stages[0], "a pass of the reader after 560 tokens");
  });

  it("looks behind the longest alone where time is short", async () => {
    const { record, asked } = await trial(() => ({}), undefined, () => false); // prettier-ignore
    assert.equal(record.isRight, true);
    assert.deepEqual(asked, ["draft 560", "infill 560"]);
  });

  it("allows it to be as far again from the unrounded one as the processor is", async () => {
    const off: Script = () => ({ logits: 0.1 });
    assert.equal((await trial(off)).record.isRight, false);
    assert.equal((await trial(off, () => ({ logits: 0.06 }))).record.isRight, true);
  });

  it("finds one wrong that is so in one role alone, behind one length alone, or in how sure it is", async () => {
    for (const [script, said] of [
      [(_: number, role: string) => ({ logits: role === "infill" ? 1 : 0 }), /infills .* after 560 tokens/],
      [(past: number) => ({ logits: past === 1 ? 1 : 0 }), /drafts .* after 1 tokens/],
      [() => ({ certainty: 1 }), /deviations/],
      [() => ({ logits: NaN }), /NaN/],
    ] as const) {
      const { record } = await trial(script);
      assert.equal(record.isRight, false);
      assert.match(record.detail, said);
    }
  });

  it("says why one cannot run", async () => {
    assert.deepEqual((await trial(undefined)).record, { isRight: false, detail: "the runtime refuses it" });
    assert.deepEqual((await trial(() => "no such operator")).record, { isRight: false, detail: "no such operator" });
  });
});
