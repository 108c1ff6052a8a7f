import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import { importReader } from "../../src/convert/importReader.js";
import { fixedBlock } from "../../src/decode/draft/blockSize.js";
import { decodeAutoregressively } from "../../src/decode/autoregressive.js";
import { speculate } from "../../src/decode/draft/speculate.js";
import { layoutOf } from "../../src/decode/sequence.js";
import { AutoregressiveReader } from "../../src/engine/models/autoregressiveReader.js";
import { loadPair, type Pair } from "../../src/engine/models/pair.js";
import { passTimes } from "../../src/engine/models/passTimes.js";
import { infill } from "../../src/engine/serve/infiller.js";
import { LacunaError } from "../../src/protocol/errors.js";
import { infillParams } from "../process/engineFixture.js";

/** What the network in training drafts behind a context; see training/scripts/write_reader_fixture.py. */
interface Case {
  readonly context: number[];
  readonly anchor: number;
  readonly draft: number[];
  readonly certainty: number[];
}

const FIXTURES = path.resolve("test/parity/fixtures");
const SOURCE = path.join(FIXTURES, "reader-autoregressive");
const { cases } = JSON.parse(readFileSync(path.join(SOURCE, "cases.json"), "utf8")) as { cases: Case[] };
const RULE = { temperature: 0, topP: 1 };

describe("a reader that writes one token a pass", () => {
  let folder: string;
  let pair: Pair;
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-reader-"));
    await importCheckpoint({ source: path.join(FIXTURES, "llama"), out: folder, role: "verifier", weights: "fp32" });
    await importReader({ source: SOURCE, out: folder, weights: "auto" });
    pair = await loadPair({ modelsDir: folder, threads: 1, device: "cpu" });
    pair.gate.open(() => false);
  });
  after(() => rmSync(folder, { recursive: true }));

  const model = (): AutoregressiveReader => {
    const timed = pair.diffuser?.timed;
    assert.ok(timed instanceof AutoregressiveReader);
    return timed;
  };

  it("drafts what the network in training drafts, as sure of it, in as many passes as tokens", async () => {
    for (const { context, anchor, draft, certainty } of cases) {
      const sequence = { layout: layoutOf([...context, anchor]), written: [] };
      await pair.verifier.exact.anchorOf(sequence, true);
      pair.gate.open(() => false);
      const proposed = await model().propose(sequence, draft.length, { rule: RULE, random: createRandom(1), mayRead: true });
      assert.deepEqual(proposed.tokens, draft);
      assert.ok(proposed.certainties.every((chance, slot) => Math.abs(chance - certainty[slot]) < 1e-4));
      assert.deepEqual(pair.gate.passes, { verifier: 0, diffuser: draft.length });
    }
  });

  it("draws tokens by their chances, and says which these were", async () => {
    const [{ context, anchor }] = cases;
    const sequence = { layout: layoutOf([...context, anchor]), written: [] };
    const rule = { rule: { temperature: 1, topP: 1 }, random: createRandom(3), mayRead: true };
    const { tokens, proposals } = await model().propose(sequence, 4, rule);
    assert.equal(proposals?.length, tokens.length);
    tokens.forEach((token, slot) => {
      assert.ok((proposals?.[slot][token] ?? 0) > 0);
      assert.ok(Math.abs((proposals?.[slot] ?? []).reduce((sum, share) => sum + share, 0) - 1) < 1e-6);
    });
  });

  it("leaves the verifier's text as it is", async () => {
    for (const { context, anchor } of cases) {
      const layout = layoutOf([...context, anchor]);
      const options = { maxTokens: 24, rule: RULE, random: createRandom(1) };
      const plain: number[] = [];
      for await (const block of decodeAutoregressively(pair.verifier.exact, layout, options)) plain.push(...block);
      const drafter = pair.diffuser?.drafter(RULE, createRandom(1), undefined) ?? assert.fail("nothing drafts");
      for (const length of [1, 3, 7]) {
        const drafted: number[] = [];
        const sources = [{ drafter, blockSizer: fixedBlock(length) }];
        for await (const block of speculate(pair.verifier.exact, layout, sources, options)) drafted.push(...block);
        assert.deepEqual(drafted, plain);
      }
    }
  });

  it("is timed by all of its passes, and fills no holes", async () => {
    assert.deepEqual(pair.report.can, { infill: ["auto", "ar"], diffusionDrafts: true });
    const params = { ...infillParams, requestId: 1, method: "lr" as const };
    const listener = { onText: () => {}, onCanvas: () => {} };
    await assert.rejects(infill(pair, params, listener), (error) => error instanceof LacunaError && /fills holes/.test(error.message));
    pair.gate.open(() => false);
    while (await pair.calibration.step());
    const costs = pair.calibration.costs.filter(({ draftTokens }) => draftTokens > 0);
    assert.ok(costs.length > 1 && costs.every(({ draftMs }) => draftMs > 0));
    assert.ok((costs.at(-1)?.draftMs ?? 0) > costs[0].draftMs);
    pair.gate.open(() => false);
    await passTimes(pair, { contextTokens: 16, tokens: [5], repeats: 1 });
    // A round to warm up, and one that counts.
    assert.equal(pair.gate.passes.diffuser, 2 * 5);
  });
});
