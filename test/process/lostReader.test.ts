import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { HOST } from "../../src/engine/models/cacheMemory.js";
import { DeviceRecords } from "../../src/engine/models/deviceRecords.js";
import { graphicsDriver } from "../../src/engine/models/graphicsDriver.js";
import { openModelFiles } from "../../src/engine/models/modelFiles.js";
import { loadPair, type LoadHow, type Pair } from "../../src/engine/models/pair.js";
import { placeOn, type GraphProgram } from "../../src/engine/models/placement.js";
import { listSupportedBackends, Program } from "../../src/engine/runtime/program.js";
import { Completer } from "../../src/engine/serve/completer.js";
import { infill } from "../../src/engine/serve/infiller.js";
import type { CompleteParams, InfillParams } from "../../src/protocol/messages.js";
import { KNOWN_LINE as LINE, makeKnowingPair } from "../models/knowingPair.js";
import { completeParams, infillParams } from "./engineFixture.js";

const SOURCE = `${LINE.repeat(24)}abc`;

describe("a reader beside a verifier on a device", () => {
  let folder: string;
  let modelsDir: string;
  let expected: Written;
  before(async function () {
    if (!listSupportedBackends().some(({ name }) => name === "webgpu")) this.skip();
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-lost-"));
    modelsDir = await makeKnowingPair(folder, "int8");
    expected = await written(await loadPair({ modelsDir, threads: 1, device: "cpu" }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  type Kind = "verifier" | "reader";
  /** Passes on the device, how often the engine told that it was lost, and in whose pass that was. */
  interface Done {
    verifier: number;
    reader: number;
    lost: number;
    lostIn?: Kind;
  }

  /** The processor under the name of a device that keeps caches, until `isLost` says of what was done that it is gone for good. */
  async function load(name: string, isLost: (done: Done, kind: Kind) => boolean): Promise<{ pair: Pair; done: Done }> {
    const stateDir = path.join(folder, name);
    const { manifest } = await openModelFiles(modelsDir);
    const record = { verdict: "right", detail: "1 ms", deviceMs: 1, processorMs: 10 } as const;
    new DeviceRecords(stateDir, manifest, 1, await graphicsDriver()).put("webgpu", { ...record, reader: { isRight: true, detail: "" } });
    const done: Done = { verifier: 0, reader: 0, lost: 0 };
    const place = { memoryFor: HOST.memoryFor };
    const on = (kind: Kind, { run }: GraphProgram): GraphProgram => ({
      inPlace: true,
      run: async (inputs, outputs) => {
        done[kind] += 1;
        if (done.lostIn === undefined && isLost(done, kind)) done.lostIn = kind;
        if (done.lostIn !== undefined) throw new Error("device lost");
        await run(inputs, outputs);
      },
    });
    const bound = (program: GraphProgram): GraphProgram => ({ inPlace: true, run: (inputs, outputs) => program.run(inputs, outputs) });
    const how: LoadHow = {
      onDeviceLost: () => (done.lost += 1),
      place: async (device, graphPath, threads) => {
        const placement = await placeOn("cpu", graphPath, threads);
        return device === "cpu" ? placement : { device, place, program: on("verifier", bound(placement.program)), mostTokens: 28 };
      },
      placeCanvas: async (graph, headDim, threads) => on("reader", bound(await Program.createCanvas(graph, headDim, threads, "cpu"))),
    };
    return { pair: await loadPair({ modelsDir, threads: 1, device: "webgpu", stateDir }, how), done };
  }

  it("runs there, and writes what it writes on the processor", async () => {
    const { pair, done } = await load("whole", () => false);
    assert.deepEqual(devicesOf(pair), [["verifier", "webgpu"], ["reader", "webgpu"]]); // prettier-ignore
    const found = await written(pair);
    assert.deepEqual(found, expected);
    assert.ok(done.reader > 10 && done.lost === 0, JSON.stringify(done));
    assert.ok(found.accepted > 10, "no draft was accepted");
  });

  it("goes on on the processor with the same texts when the device is lost in one of its passes, or in one of the verifier's", async () => {
    // The first pass of each is run when it is loaded.
    const cases: readonly [string, Kind, (done: Done) => boolean][] = [
      ["the first draft", "reader", ({ reader }) => reader > 1],
      ["a later draft", "reader", ({ reader }) => reader > 4],
      ["a verify", "verifier", ({ reader }) => reader > 3],
      ["a fill", "reader", ({ reader }) => reader > 1 + expected.draftPasses + 2],
    ];
    for (const [name, inPassOf, lost] of cases) {
      const { pair, done } = await load(name, (each, kind) => kind === inPassOf && lost(each));
      const found = await written(pair);
      assert.deepEqual({ ...found, draftPasses: 0, accepted: 0 }, { ...expected, draftPasses: 0, accepted: 0 }, name);
      assert.deepEqual([done.lost, done.lostIn], [1, inPassOf], name);
      assert.deepEqual(devicesOf(pair), [["verifier", "cpu"], ["reader", "cpu"]], name); // prettier-ignore
      const again = await written(pair);
      assert.deepEqual(again.texts, expected.texts, name);
      assert.ok(again.draftPasses > 0, `no drafts after ${name}`);
    }
  });
});

const devicesOf = (pair: Pair): string[][] => pair.report.models.map(({ role, device }) => [role, device]);

interface Written {
  readonly texts: unknown[];
  readonly draftPasses: number;
  readonly accepted: number;
}

/** Completions with drafts by the reader alone, then fills by each way that it knows. */
async function written(pair: Pair): Promise<Written> {
  pair.gate.open(() => false);
  const completer = new Completer(pair);
  const texts: unknown[] = [];
  let [draftPasses, accepted] = [0, 0];
  for (const [prefix, block] of [
    [SOURCE, 7],
    [`x = 1\n${SOURCE}`, 11],
  ] as const) {
    // prettier-ignore
    const params: CompleteParams = { requestId: 1, ...completeParams, prefix, suffix: "", block, drafts: "diffusion", maxTokens: 32, isUncut: true };
    const result = await completer.complete(params, () => {});
    texts.push(result.tokenIds);
    draftPasses += result.passes.diffuser;
    accepted += result.accepted;
  }
  for (const method of ["fixed", "lr", "block"] as const) {
    const params: InfillParams = {
      requestId: 1,
      ...infillParams,
      prefix: SOURCE,
      suffix: `${LINE}end`,
      method,
      temperature: 0,
      length: 6,
      maxTokens: 10,
    };
    const { middle } = await infill(pair, params, { onText: () => {}, onCanvas: () => {} });
    texts.push([method, middle]);
  }
  return { texts, draftPasses, accepted };
}
