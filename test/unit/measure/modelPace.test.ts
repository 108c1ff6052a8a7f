import assert from "node:assert/strict";
import { modelPace } from "../../../src/measure/modelPace.js";

const TEXT = "abcdefghij\nklmnopqrst\n";

describe("how soon a model's text comes", () => {
  it("is timed at places that are jumped to, and at the keys that are typed there", async () => {
    const asked: string[] = [];
    const firstTextMs = async (prefix: string, suffix: string): Promise<number> => {
      asked.push(`${prefix}|${suffix}`);
      return prefix.length === 6 || prefix.length === 17 ? 900 : 10;
    };
    assert.deepEqual(await modelPace(firstTextMs, TEXT, [10, 21], () => false), { keyMs: 10, jumpMs: 900 });
    assert.equal(asked.length, 10);
    assert.deepEqual(asked.slice(0, 2), ["abcdef|\nklmnopqrst\n", "abcdefg|\nklmnopqrst\n"]);
  });

  it("is not known where it was stopped, or where there is no place", async () => {
    assert.equal(
      await modelPace(
        async () => 1,
        TEXT,
        [10],
        () => true,
      ),
      undefined,
    );
    assert.equal(
      await modelPace(
        async () => 1,
        TEXT,
        [],
        () => false,
      ),
      undefined,
    );
  });
});
