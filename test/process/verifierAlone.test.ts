import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { EngineClient } from "../../src/client/engineClient.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { InfillMethod, LoadResult } from "../../src/protocol/messages.js";
import { completeParams, enginePath, infillParams, modelsDir } from "./engineFixture.js";
import { runCli } from "./runCli.js";
import { verifierAlone } from "./verifierAloneFolder.js";

describe("a folder with a verifier alone", function () {
  this.timeout(120_000);
  let folder: string;
  let engine: EngineClient;
  let loaded: LoadResult;

  before(async () => {
    folder = verifierAlone(modelsDir);
    engine = await EngineClient.start({ enginePath });
    loaded = await engine.load({ modelsDir: folder, threads: 1, device: "cpu" });
  });
  after(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  });

  it("says what can be asked of it", () => {
    assert.deepEqual(
      loaded.models.map(({ role, device }) => [role, device]),
      [["verifier", "cpu"]],
    );
    assert.deepEqual(loaded.can, { infill: ["auto", "ar"], diffusionDrafts: false });
  });

  it("completes with drafts from repetitions: the text of plain decoding, in fewer passes where the text repeats itself", async () => {
    const params = { ...completeParams, prefix: "rows = [\n" + "    1,\n".repeat(40), suffix: "]\n", maxTokens: 32, block: "auto" as const };
    const plain = await engine.complete({ ...params, decoder: "arPadded" });
    const drafted = await engine.complete({ ...params, decoder: "deer" });
    assert.deepEqual(drafted.tokenIds, plain.tokenIds);
    assert.ok(drafted.accepted > 0 && drafted.verifies < plain.verifies, `${drafted.verifies} and ${plain.verifies} verifies`);
    assert.equal(drafted.passes.diffuser, 0);
  });

  it("fills holes by the verifier, within the bounds that are asked for", async () => {
    for (const method of ["auto", "ar"] as const) {
      const { outcome, middle, tokens, passes, model } = await engine.infill({ ...infillParams, method, temperature: 0, maxLines: 1 });
      assert.deepEqual([outcome, passes.diffuser, model], ["done", 0, loaded.models[0].name]);
      assert.ok(!middle.includes("\n") && passes.verifier > 0, JSON.stringify(middle));
      const longer = await engine.infill({ ...infillParams, method, temperature: 0, minTokens: tokens + 4, maxTokens: tokens + 12 });
      assert.ok(longer.tokens >= tokens + 4 && longer.tokens <= tokens + 12, `${longer.tokens} tokens by ${method} after ${tokens}`);
    }
  });

  it("names what needs a diffuser, with a way on", async () => {
    const needsDiffuser: InfillMethod[] = ["lr", "cal", "dreamon", "block", "fixed"];
    for (const method of needsDiffuser) {
      const isNamed = (error: unknown): boolean => error instanceof LacunaError && error.code === "badRequest" && /auto or ar/.test(error.remedy);
      await assert.rejects(engine.infill({ ...infillParams, method }), isNamed, method);
    }
  });

  it("stops a completion at the last line that is wanted", async () => {
    // The test models go on with line after line.
    const params = { ...completeParams, prefix: "total = 1\n".repeat(20), suffix: "" };
    assert.match((await engine.complete(params)).text, /\n/);
    const { text, tokens } = await engine.complete({ ...params, maxLines: 1 });
    assert.ok(!text.includes("\n") && tokens < completeParams.maxTokens, JSON.stringify(text));
  });

  it("is timed, calibrated and examined like any other", async () => {
    const { times } = await engine.passTimes({ contextTokens: 32, tokens: [1, 4], repeats: 2 });
    assert.deepEqual(
      times.map(({ verifyMs, draftMs }) => [verifyMs.length, draftMs.length]),
      [
        [2, 0],
        [2, 0],
      ],
    );
    const { selfTests } = await engine.calibrate();
    assert.ok(selfTests.some(({ name }) => name.includes("split into passes")));
  });

  for (const args of [["doctor"], ["complete", "media/demo/example.py", "--at", "47:1"], ["infill", "media/demo/example.py", "--at", "47:1"]]) {
    it(`serves lacuna ${args[0]}`, async () => {
      const { code, stdout, stderr } = await runCli([...args, "--models", folder, "--json"]);
      assert.equal(code, 0, stderr);
      assert.ok(stdout.includes("{"));
    });
  }

  it("serves lacuna race", async () => {
    const { code, stderr } = await runCli(["race", "media/demo/example.py", "--at", "47:1", "--rounds", "1", "--models", folder, "--json"]);
    assert.equal(code, 0, stderr);
  });
});
