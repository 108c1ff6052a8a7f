import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import { importReader } from "../../src/convert/importReader.js";
import type { WeightPlan } from "../../src/convert/weights/matrixStore.js";
import { layoutOf } from "../../src/decode/sequence.js";
import { CachedReader } from "../../src/engine/models/cachedReader.js";
import { canvasLayout } from "../../src/engine/models/canvasLayout.js";
import { loadPair, type Pair } from "../../src/engine/models/pair.js";
import { ReaderRunner, type SlotScores } from "../../src/engine/models/readerRunner.js";
import { SequentialHead } from "../../src/engine/models/sequentialHead.js";
import { Program } from "../../src/engine/runtime/program.js";
import { PassGate } from "../../src/engine/passGate.js";
import { readerOf } from "../../src/protocol/manifest.js";

/** What `reader_reference.py` makes of a canvas; see training/scripts/write_reader_fixture.py. */
interface Case {
  readonly context: number[];
  /** The anchor first; -1 where a slot is undecided. */
  readonly canvas: number[];
  readonly role: "draft" | "infill";
  readonly logits: number[][];
  readonly certainty: number[];
  readonly draft?: number[];
}

const FIXTURES = path.resolve("test/parity/fixtures");
const FAMILIES = ["tiny", "llama", "qwen3"] as const;
/** The fixtures hold four decimals of logits that spread by more than 1. */
const TOLERANCE = 3e-4;

/**
 * How far logits may be off by the rounding of the verifier's and the reader's weights and activations together, in shares of their
 * spread: at most 0.09, 0.15 and 0.67 were measured on these random weights.
 */
const ROUNDING = { int8: 0.12, rows: 0.2, int4: 0.85 };

interface Imported {
  readonly pair: Pair;
  readonly runner: ReaderRunner;
  readonly reader: CachedReader;
  readonly headTokens: Int32Array;
}

let folder: string;

/** The verifier and the reader of a family, imported and loaded. */
async function load(family: string, weights: WeightPlan): Promise<Imported> {
  const out = mkdtempSync(path.join(folder, "models-"));
  await importCheckpoint({ source: path.join(FIXTURES, family), out, role: "verifier", weights });
  await importReader({ source: path.join(FIXTURES, `reader-${family}`), out, weights: "auto" });
  const pair = await loadPair({ modelsDir: out, threads: 1, device: "cpu" });
  const entry = readerOf(pair.files.manifest) ?? assert.fail("there is no reader");
  const runner = await ReaderRunner.load(entry, pair.files.pathOf, pair.verifier.runner, pair.verifier.entry.cache.headDim, new PassGate(), 1);
  const head = new SequentialHead(new Uint8Array(readFileSync(pair.files.pathOf(entry.sequentialData))).buffer, entry);
  return { pair, runner, reader: new CachedReader(runner, pair.verifier.exact, head), headTokens: head.tokens };
}

const casesOf = (family: string): Case[] =>
  (JSON.parse(readFileSync(path.join(FIXTURES, `reader-${family}`, "cases.json"), "utf8")) as { cases: Case[] }).cases;

const sequenceOf = ({ context, canvas }: Case) => ({ layout: layoutOf([...context, canvas[0]]), written: [] });

/** Scores of all slots of a canvas, decided ones too, in one pass. */
async function scores({ pair, runner, headTokens }: Imported, each: Case): Promise<SlotScores> {
  const { canvas, role } = each;
  const { cache, past, last } = (await pair.verifier.exact.anchorOf(sequenceOf(each), true)) ?? assert.fail("no anchor");
  const slots = [...canvas.keys()];
  const layout = canvasLayout(past, 0, [{ slots: canvas, tail: [] }], canvas.length);
  // Each slot is told at the token before it; a draft's last slot is no token of the canvas.
  const rows = role === "draft" ? slots : slots.slice(0, -1);
  const scored = await runner.forward(cache, past, { ...layout, tokens: canvas, slots, role, last, rows });
  const classes = new Map([...headTokens].map((token, index) => [token, index]));
  const before = rows.map((at) => canvas[at]).map((token) => (token < 0 ? runner.classes + 1 : (classes.get(token) ?? runner.classes)));
  return runner.follow(scored, before);
}

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  assert.equal(actual.length, expected.length);
  // NaN counts as the largest.
  return expected.reduce((worst, value, index) => (Math.abs(value - actual[index]) <= worst ? worst : Math.abs(value - actual[index])), 0);
}

before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-reader-"));
});
after(() => rmSync(folder, { recursive: true }));

for (const family of FAMILIES) {
  describe(`reader of a verifier of the fixture ${family}`, () => {
    let imported: Imported;
    const cases = casesOf(family);
    before(async () => {
      imported = await load(family, "fp32");
    });

    it("gives the reference's logits and certainties for canvases in both roles, masked in part or whole", async () => {
      for (const each of cases) {
        const { logits, certainty } = await scores(imported, each);
        assert.ok(largestDifference(logits, each.logits.flat()) < TOLERANCE, `${largestDifference(logits, each.logits.flat())}`);
        const chances = Array.from(certainty, (logit) => 1 / (1 + Math.exp(-logit)));
        assert.ok(largestDifference(chances, each.certainty) < 1e-4);
      }
    });

    it("gives them by its attention spelled out too, as devices have it, behind an empty cache and one that holds more", async () => {
      const { pair, runner } = imported;
      const { files, verifier } = pair;
      const { graph } = runner.entry;
      const onDevice = await Program.createCanvas(files.pathOf(graph), verifier.entry.cache.headDim, 1, "cpu");
      // Only in name: no device is needed to read the graph.
      const owner = {
        cacheDevice: "webgpu" as const,
        bring: () => Promise.resolve(),
        giveUpDevice: () => Promise.reject(new Error("no device was lost")),
      };
      const sequential = await Program.create(files.pathOf(runner.entry.sequential), 1, "cpu");
      const programs = { onDevice, onProcessor: () => assert.fail("the processor has nothing to do") };
      const spelled = new ReaderRunner(runner.entry, programs, sequential, owner, new PassGate());
      for (const each of [{ ...cases[0], context: [] }, ...cases]) {
        const fused = await scores(imported, each);
        const expected = [...fused.logits, ...fused.certainty];
        const { logits, certainty } = await scores({ ...imported, runner: spelled }, each);
        assert.ok(largestDifference([...logits, ...certainty], expected) < TOLERANCE);
      }
    });

    it("drafts what the reference drafts", async () => {
      const drafts = cases.filter(({ draft }) => draft !== undefined);
      assert.ok(drafts.length > 0);
      for (const each of drafts) {
        const rule = { rule: { temperature: 0, topP: 1 }, random: createRandom(1), mayRead: true };
        const { tokens } = await imported.reader.propose(sequenceOf(each), each.canvas.length, rule);
        const ended = each.draft?.findIndex((token) => imported.pair.verifier.exact.ends.has(token)) ?? -1;
        assert.deepEqual(tokens, each.draft?.slice(0, ended === -1 ? undefined : ended + 1));
      }
    });

    it("scores undecided slots over the vocabulary, END as the end of texts, several canvases side by side", async () => {
      const { reader, headTokens, pair } = imported;
      const [end] = pair.verifier.exact.ends;
      const infills = cases.filter(({ role }) => role === "infill");
      const canvases = infills.map(({ canvas }) => ({ slots: canvas.slice(1), tail: [] }));
      const rows = await reader.denoise(sequenceOf(infills[0]), canvases);
      infills.forEach(({ canvas, logits }, index) => {
        for (const slot of canvas.slice(1).keys()) {
          if (canvas[slot + 1] >= 0) continue;
          const row = rows[index].subarray(slot * reader.vocabSize, (slot + 1) * reader.vocabSize);
          const expected = new Array<number>(reader.vocabSize).fill(-Infinity);
          headTokens.forEach((token, each) => (expected[token] = logits[slot][each]));
          expected[end] = logits[slot][headTokens.length];
          assert.ok(expected.every((logit, id) => (logit === -Infinity) === (row[id] === -Infinity)));
          const known = [...row.keys()].filter((id) => expected[id] !== -Infinity);
          assert.ok(largestDifference(known.map((id) => row[id]), known.map((id) => expected[id])) < TOLERANCE); // prettier-ignore
        }
      });
    });

    it("keeps what is written already in the canvas, and has the verifier read it where it does not fit", async () => {
      const { reader, pair } = imported;
      const [{ context, canvas }] = cases.filter(({ role, canvas: slots }) => role === "infill" && slots.some((token, at) => at > 0 && token >= 0));
      const written = [20, 21, 22];
      const layout = layoutOf([...context, canvas[0]]);
      const [inCanvas] = await reader.denoise({ layout, written: [] }, [{ slots: [...written, -1, -1], tail: [] }]);
      const asSlots = inCanvas.slice(written.length * reader.vocabSize);
      pair.gate.open(() => false);
      const [asWritten] = await reader.denoise({ layout, written }, [{ slots: [-1, -1], tail: [] }]);
      assert.deepEqual(asWritten, asSlots);
      assert.equal(pair.gate.passes.verifier, 0);
      const slots = new Array<number>(reader.maxSlots).fill(-1);
      await reader.denoise({ layout, written }, [{ slots, tail: [] }]);
      assert.equal(pair.gate.passes.verifier, 1);
    });

    for (const [weights, most] of Object.entries(ROUNDING)) {
      it(`differs from them by the rounding of weights in ${weights}`, async () => {
        const quantized = await load(family, weights as WeightPlan);
        for (const each of cases) {
          const { logits } = await scores(quantized, each);
          const expected = each.logits.flat();
          const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
          const mean = meanOf(expected);
          const square = meanOf(expected.map((value, index) => (value - logits[index]) ** 2));
          const share = Math.sqrt(square / meanOf(expected.map((value) => (value - mean) ** 2)));
          assert.ok(share < most, `${share} of the spread`);
        }
      });
    }
  });
}
