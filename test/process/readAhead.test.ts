import assert from "node:assert/strict";
import type { EngineClient } from "../../src/client/engineClient.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { CompleteResult } from "../../src/protocol/messages.js";
import { completeParams, exampleHole, loadedEngine } from "./engineFixture.js";

/** Passes that only read the prompt. */
const readingPasses = ({ passes, verifies }: CompleteResult): number => passes.verifier - verifies;

/** Places of one document, far apart: nothing of one is read for another. */
const placesOf = (document: string): { prefix: string; suffix: string; document: string }[] =>
  [0.15, 0.3, 0.45, 0.6, 0.75, 0.9].map((share) => {
    const { prefix, suffix } = exampleHole(share);
    return { document, prefix: `# ${document}\n${prefix}`, suffix: `# ${document}, ${share}\n${suffix}` };
  });

describe("reading ahead in the engine", () => {
  let engine: EngineClient;
  beforeEach(async () => {
    engine = await loadedEngine();
  });
  afterEach(() => engine.dispose());

  it("leaves a completion nothing to read, and the text as it is", async () => {
    const params = { ...completeParams, decoder: "arPadded" } as const;
    const cold = await engine.complete(params);
    assert.ok(readingPasses(cold) > 0);
    await engine.dispose();
    engine = await loadedEngine();
    const { outcome, passes } = await engine.readAhead(params);
    assert.ok(outcome === "done" && passes.verifier > 0);
    const read = await engine.complete(params);
    assert.deepEqual([readingPasses(read), read.tokenIds], [0, cold.tokenIds]);
  });

  it("reads nothing twice", async () => {
    await engine.readAhead(completeParams);
    assert.deepEqual((await engine.readAhead(completeParams)).passes, { verifier: 0, diffuser: 0 });
    await engine.complete(completeParams);
    assert.deepEqual((await engine.readAhead(completeParams)).passes, { verifier: 0, diffuser: 0 });
  });

  it("gives way to a request that waits, keeps what it read by then, and can be cancelled", async () => {
    const [here, there] = placesOf("a").slice(2);
    const whole = (await engine.readAhead({ ...here, maxTokens: 8 })).passes.verifier;
    const reading = engine.readAhead({ ...there, maxTokens: 8 });
    const completed = engine.complete({ ...completeParams, ...here, maxTokens: 8 });
    const { outcome, passes } = await reading;
    assert.ok(outcome === "cancelled" && passes.verifier < whole / 2, `${passes.verifier} of ${whole} passes`);
    assert.equal((await completed).outcome, "done");
    const rest = await engine.readAhead({ ...there, maxTokens: 8 });
    assert.ok(rest.outcome === "done" && rest.passes.verifier > 0);
    const cancelled = await engine.readAhead({ ...placesOf("b")[3], maxTokens: 8 }, { signal: AbortSignal.abort() });
    assert.deepEqual([cancelled.outcome, cancelled.passes.verifier], ["cancelled", 0]);
  });

  it("remembers one document while another is looked through", async () => {
    const [first] = placesOf("a");
    await engine.readAhead({ ...first, maxTokens: 8 });
    for (const place of placesOf("b")) await engine.readAhead({ ...place, maxTokens: 8 });
    assert.equal((await engine.readAhead({ ...first, maxTokens: 8 })).passes.verifier, 0);
    assert.equal((await engine.readAhead({ ...placesOf("b").at(-1)!, maxTokens: 8 })).passes.verifier, 0);
  });

  it("refuses wrong parameters by name", async () => {
    const wrong = { ...completeParams, document: 7 as unknown as string };
    await assert.rejects(engine.readAhead(wrong), (error) => error instanceof LacunaError && error.message.includes("document"));
  });
});
