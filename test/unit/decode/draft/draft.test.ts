import assert from "node:assert/strict";
import { DiffusionDrafter } from "../../../../src/decode/draft/draft.js";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { createRandom } from "../../../../src/base/random.js";
import { deviates } from "./chiSquare.js";
import { ScriptedDiffuser } from "../scriptedDiffuser.js";

const EOS = 5;
const PLAIN = { temperature: 1, topP: 1 };
const GREEDY = { temperature: 0, topP: 1 };

/** A diffuser that is nearly certain of `tokens`, slot by slot. */
function sureOf(...tokens: number[]): ScriptedDiffuser {
  return new ScriptedDiffuser(6, 16, (_, __, slot) => Array.from({ length: 6 }, (___, id) => (id === tokens[slot] ? 40 : 0)));
}

describe("DiffusionDrafter", () => {
  it("drafts all tokens in one pass over masks with the separator behind them", async () => {
    const diffuser = sureOf(2, 4, 3);
    const draft = await new DiffusionDrafter(diffuser, EOS, GREEDY, createRandom(1)).draft({ layout: layoutOf([3, 3]), written: [] }, 3);
    assert.deepEqual(draft, { tokens: [2, 4, 3], proposals: undefined });
    assert.deepEqual(diffuser.calls, [{ context: [3, 3], canvases: [{ slots: [0, 0, 0], tail: [1] }] }]);
  });

  it("proposes an end of text and nothing behind it", async () => {
    for (const rule of [GREEDY, PLAIN]) {
      const draft = await new DiffusionDrafter(sureOf(2, EOS, 3), EOS, rule, createRandom(1)).draft({ layout: layoutOf([3]), written: [] }, 3);
      assert.deepEqual(draft.tokens, [2, EOS]);
      assert.equal(draft.proposals?.length ?? 2, 2);
    }
  });

  it("runs no pass for a draft of no tokens", async () => {
    const diffuser = sureOf(2);
    assert.deepEqual((await new DiffusionDrafter(diffuser, EOS, PLAIN, createRandom(1)).draft({ layout: layoutOf([3]), written: [] }, 0)).tokens, []);
    assert.equal(diffuser.calls.length, 0);
  });

  it("names a distribution of its own for each token", async () => {
    const { proposals } = await new DiffusionDrafter(sureOf(2, 4), EOS, PLAIN, createRandom(1)).draft({ layout: layoutOf([3]), written: [] }, 2);
    assert.deepEqual(
      proposals?.map((proposal) => proposal.indexOf(Math.max(...proposal))),
      [2, 4],
    );
  });

  it("draws from the distributions it names, which outlive the next pass", async () => {
    const shares = [0.05, 0.15, 0.2, 0.25, 0.3, 0.05];
    const diffuser = new ScriptedDiffuser(6, 16, () => shares.map(Math.log));
    const drafter = new DiffusionDrafter(diffuser, EOS, PLAIN, createRandom(9));
    const counts = new Map<string, number>();
    let first: readonly Float64Array[] | undefined;
    for (let round = 0; round < 4000; round += 1) {
      const { tokens, proposals } = await drafter.draft({ layout: layoutOf([3]), written: [] }, 1);
      first ??= proposals;
      counts.set(String(tokens[0]), (counts.get(String(tokens[0])) ?? 0) + 1);
    }
    assert.ok(shares.every((share, id) => Math.abs((first?.[0][id] ?? NaN) - share) < 1e-6));
    assert.equal(deviates(counts, new Map(shares.map((share, id) => [String(id), share]))), false);
  });
});
