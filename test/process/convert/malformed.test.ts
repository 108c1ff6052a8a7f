import assert from "node:assert/strict";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createRandom } from "../../../src/base/random.js";
import { importCheckpoint } from "../../../src/convert/importCheckpoint.js";
import { LacunaError } from "../../../src/protocol/errors.js";
import { withFolder } from "../../unit/convert/checkpointFolder.js";
import { ggufBytes, ggufOf } from "../../unit/convert/ggufWriter.js";
import { folderDamages } from "./folderDamages.js";
import { ggufDamages } from "./ggufDamages.js";
import { memoryOf } from "./memoryOf.js";

/** At least so many of each, and every kind of damage equally often. */
const COUNT = 200;
const MOST_MEMORY_BYTES = 200e6;
const llama = path.resolve("test/parity/fixtures/llama");

const timesEach = (kinds: readonly string[]): number => Math.ceil(COUNT / kinds.length);

/** An import that is refused by name, having written nothing and asked for little memory. */
async function assertRefused(source: string, out: string, what: string): Promise<void> {
  let error: unknown;
  const { asked, grown } = await memoryOf(async () => {
    try {
      await importCheckpoint({ source, out, role: "verifier", weights: "int8" });
    } catch (thrown) {
      error = thrown;
    }
  });
  assert.ok(error instanceof LacunaError, `${what}: ${error === undefined ? "was accepted" : String((error as Error).stack)}`);
  assert.ok(error.code === "checkpointUnusable" && error.remedy !== "", `${what}: ${error.code}`);
  assert.ok(!existsSync(out), `${what}: something was written`);
  assert.ok(asked < MOST_MEMORY_BYTES && grown < MOST_MEMORY_BYTES, `${what}: it asked for ${asked} bytes and grew by ${grown}`);
}

describe("malformed files", function () {
  this.timeout(60_000);

  it("are made of sound ones, which are accepted", async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, "model.gguf");
      writeFileSync(file, ggufBytes(ggufOf(llama)));
      for (const source of [file, llama]) await importCheckpoint({ source, out: path.join(folder, "out"), role: "verifier", weights: "int8" });
    });
  });

  it("are seen to take memory where they do", async () => {
    const { asked, grown } = await memoryOf(async () => {
      new Float32Array(3e8).subarray(0, 7e7).fill(1);
      await Promise.resolve();
    });
    assert.ok(asked === 1.2e9 && grown > MOST_MEMORY_BYTES, `${asked} ${grown}`);
  });

  for (const kind of Object.keys(ggufDamages)) {
    const times = timesEach(Object.keys(ggufDamages));
    it(`are refused by name, nothing written and little memory taken: ${times} GGUF files with ${kind}`, async () => {
      const generator = createRandom(1);
      const random = (): number => generator.next();
      const sound = ggufOf(llama);
      for (let index = 0; index < times; index += 1) {
        await withFolder((folder) => assertRefused(ggufDamages[kind](sound, folder, random), path.join(folder, "out"), `${kind}, ${index}`));
      }
    });
  }

  for (const kind of Object.keys(folderDamages)) {
    const times = timesEach(Object.keys(folderDamages));
    it(`are refused by name, nothing written and little memory taken: ${times} Hugging Face folders with ${kind}`, async () => {
      const generator = createRandom(2);
      const random = (): number => generator.next();
      for (let index = 0; index < times; index += 1) {
        await withFolder(async (folder) => {
          const source = path.join(folder, "source");
          cpSync(llama, source, { recursive: true });
          folderDamages[kind](source, random);
          await assertRefused(source, path.join(folder, "out"), `${kind}, ${index}`);
        });
      }
    });
  }
});
