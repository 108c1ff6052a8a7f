import assert from "node:assert/strict";
import type { Writer, Writers } from "../../../src/client/engineLife.js";
import { FillFirst } from "../../../src/client/fillFirst.js";
import { LacunaError } from "../../../src/protocol/errors.js";

const writers = (name: string, failure?: Error): Writers => ({
  use: async (job) => {
    if (failure !== undefined) throw failure;
    return job({ name } as unknown as Writer);
  },
});
const nameOf = async (writer: Writer): Promise<string> => (writer as unknown as { name: string }).name;
const error = (code: "outOfMemory" | "badRequest"): LacunaError => new LacunaError(code, "It failed.", "Mend it.");

describe("a model of their own for fills", () => {
  const others = writers("others");

  it("fills where one is wanted", async () => {
    assert.equal(await new FillFirst({ fills: writers("fills"), others, isWanted: async () => true }).use(nameOf), "fills");
    assert.equal(await new FillFirst({ fills: writers("fills"), others, isWanted: async () => false }).use(nameOf), "others");
  });

  it("gives way to the others where it fails, and says why", async () => {
    const said: string[] = [];
    const options = { others, isWanted: async () => true, onOthers: ({ message }: LacunaError) => said.push(message) };
    assert.equal(await new FillFirst({ ...options, fills: writers("fills", error("outOfMemory")) }).use(nameOf), "others");
    assert.deepEqual(said, ["It failed."]);
  });

  it("leaves a request that is wrong, and a defect, as they are", async () => {
    for (const failure of [error("badRequest"), new TypeError("a defect")]) {
      await assert.rejects(new FillFirst({ fills: writers("fills", failure), others, isWanted: async () => true }).use(nameOf), failure);
    }
  });
});
