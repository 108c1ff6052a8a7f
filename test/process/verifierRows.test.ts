import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { layoutOf } from "../../src/decode/sequence.js";
import { CachedVerifier } from "../../src/engine/models/cachedVerifier.js";
import { ContextPool } from "../../src/engine/models/contextPool.js";
import { loadPair, type LoadedVerifier } from "../../src/engine/models/pair.js";
import { bundledModels } from "../models/bundledModels.js";
import { testPair } from "../models/testPair.js";

const FOLDERS: readonly [what: string, folder: string][] = [
  ["the bundled verifier", bundledModels],
  ["the test verifier", testPair],
];

for (const [what, folder] of FOLDERS)
  describe(`rows of ${what}`, () => {
    let verifier: LoadedVerifier;
    let tokens: readonly number[];

    before(async () => {
      ({ verifier } = await loadPair({ modelsDir: folder, threads: 1, device: "cpu" }));
      tokens = verifier.tokenizer.encode(readFileSync("media/demo/example.py", "utf8")).slice(0, 300);
    });

    for (const rows of [1, 2, 3, 4, 5, 16, 33, 127, 128, 129, 250, 300]) {
      it(`are bit for bit the same when ${rows} of them are asked for at once`, async () => {
        const { exact, entry } = verifier;
        const [layout, written] = [layoutOf([tokens[0]]), tokens.slice(1)];
        await exact.prefill({ layout, written: [tokens[1] + 1] });
        const cold = (await exact.next({ layout, written }, rows)).slice(-entry.vocabSize);
        const warm = (await exact.next({ layout, written }, rows)).slice(-entry.vocabSize);
        assert.deepEqual(cold, warm);
        assert.deepEqual(cold, (await exact.next({ layout, written }, 1)).slice());
      });
    }

    it("are bit for bit the same in passes padded to 32, whatever the split", async () => {
      const { runner, entry } = verifier;
      const wide = new CachedVerifier(runner, entry, new ContextPool(entry.cache, undefined, 0), { multiple: 32 }, "padded");
      const layout = layoutOf([tokens[0]]);
      const last = async (rows: number): Promise<Float32Array> => {
        await wide.prefill({ layout, written: [tokens[1] + 1] });
        return (await wide.next({ layout, written: tokens.slice(1) }, rows)).slice(-entry.vocabSize);
      };
      const first = await last(1);
      for (const rows of [2, 31, 32, 33, 200]) assert.deepEqual(await last(rows), first, `${rows} rows`);
    });

    it("are bit for bit the same where the runtime copies outputs instead of writing them in place", async () => {
      const { runner, entry, exact } = verifier;
      const layout = layoutOf(tokens.slice(0, 40));
      const row = async (written: readonly number[]): Promise<Float32Array> => {
        const pool = new ContextPool(entry.cache, undefined, 0);
        return (await new CachedVerifier(runner, entry, pool, { multiple: 4 }, "padded").next({ layout, written }, 1)).slice();
      };
      const inPlace = await row(tokens.slice(40, 60));
      try {
        runner.inPlace = false;
        assert.deepEqual(await row(tokens.slice(40, 60)), inPlace);
      } finally {
        runner.inPlace = true;
      }
      assert.deepEqual((await exact.next({ layout, written: tokens.slice(40, 60) }, 1)).slice(), inPlace);
    });
  });
