import assert from "node:assert/strict";
import type { EngineClient } from "../../src/client/engineClient.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { RelatedText } from "../../src/protocol/messages.js";
import { completeParams, exampleHole, infillParams, loadedEngine } from "./engineFixture.js";

/** The test models repeat what they have read, and write no name that they have not. */
const SEEN = `def frobnicate_widget(alpha, beta, gamma):
    return alpha * 31 + beta * 17 + gamma
`;
const related: readonly RelatedText[] = [{ path: "lib/widget.py", text: SEEN }];

describe("an engine that is sent pieces of other files", () => {
  let engine: EngineClient;
  before(async () => {
    engine = await loadedEngine();
  });
  after(() => engine.dispose());

  it("writes the names in them, the same ones with drafts and without", async () => {
    const params = { ...completeParams, prefix: "import os\n\n\ndef frobnicate_widget(", suffix: "", maxTokens: 12 };
    const blind = await engine.complete(params);
    const seeing = await engine.complete({ ...params, related });
    assert.ok(seeing.text.startsWith("alpha, beta"), JSON.stringify(seeing.text));
    assert.ok(!blind.text.includes("alpha"), JSON.stringify(blind.text));
    const plain = await engine.complete({ ...params, related, decoder: "arPadded" });
    assert.deepEqual(seeing.tokenIds, plain.tokenIds);
  });

  it("fills holes with the names in them too", async () => {
    const around = { prefix: "def frobnicate_widget(", suffix: "):\n    pass\n" };
    const hole = { ...infillParams, ...around, method: "ar" as const, temperature: 0, maxTokens: 12 };
    const blind = await engine.infill(hole);
    const seeing = await engine.infill({ ...hole, related });
    assert.ok(seeing.middle.includes("alpha"), JSON.stringify(seeing.middle));
    assert.ok(!blind.middle.includes("alpha"), JSON.stringify(blind.middle));
  });

  it("leaves them out where the text around the hole takes all the room", async () => {
    const { prefix, suffix } = exampleHole(0.5);
    const params = { ...completeParams, prefix: prefix.repeat(4), suffix: suffix.repeat(4) };
    const without = await engine.complete(params);
    const sent = await engine.complete({ ...params, related });
    assert.deepEqual(sent.tokenIds, without.tokenIds);
    // Nothing was left to read: the prompt is the same one.
    assert.ok(sent.passes.verifier < without.passes.verifier, `${sent.passes.verifier} passes after ${without.passes.verifier}`);
  });

  it("refuses what is no piece of a file", async () => {
    for (const wrong of ["text", [{ path: 1, text: "" }], [null], [{ path: "a.py" }]]) {
      const sent = engine.complete({ ...completeParams, related: wrong as unknown as typeof related });
      await assert.rejects(sent, (error) => error instanceof LacunaError && error.code === "badRequest");
    }
  });
});
