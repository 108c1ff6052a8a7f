import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { decodeAutoregressively } from "../../src/decode/autoregressive.js";
import { createRandom } from "../../src/base/random.js";
import { EngineClient } from "../../src/client/engineClient.js";
import type { DeviceRecord } from "../../src/engine/models/deviceTrial.js";
import { tryInProcess, type TrialWatch } from "../../src/engine/trialProcess.js";
import { PassRunner } from "../../src/engine/models/passRunner.js";
import { HOST } from "../../src/engine/models/cacheMemory.js";
import { onProcessor, type GraphProgram, type Placement } from "../../src/engine/models/placement.js";
import { probeTokens } from "../../src/engine/models/probeTokens.js";
import { Program } from "../../src/engine/runtime/program.js";
import { CachedVerifier } from "../../src/engine/models/cachedVerifier.js";
import { ContextPool } from "../../src/engine/models/contextPool.js";
import { openModelFiles } from "../../src/engine/models/modelFiles.js";
import { VerifierDevices } from "../../src/engine/models/verifierDevices.js";
import { layoutOf } from "../../src/decode/sequence.js";
import { PassGate } from "../../src/engine/passGate.js";
import { cudaFolder, deviceVariables, runtimeOf } from "../../src/models/cudaProvider.js";
import { CUDA_LIBRARIES, RUNTIME_LIBRARY } from "../../src/protocol/cudaProvider.js";
import type { LacunaError } from "../../src/protocol/errors.js";
import { verifierOf, type Manifest } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";
import { testPair } from "../models/testPair.js";
import { enginePath } from "./engineFixture.js";

let manifest: Manifest;

before(() => {
  manifest = parseManifest(readFileSync(path.join(testPair, "manifest.json"), "utf8"));
});

/** Tries a device in a process that does what a script says. */
const scripted = (script: string, watch: TrialWatch = {}): Promise<DeviceRecord | undefined> =>
  tryInProcess(
    { modelsDir: testPair, threads: 1, device: "webgpu", givesUp: true, budgetMs: 1000 },
    { command: [process.execPath, "-e", script], ...watch },
  );

const SAYS_WHERE = `console.log('{"at":"a pass over 4 tokens after 0"}');`;

describe("the process that tries a device", () => {
  it("tells what it came to, whatever else is written there", async () => {
    const record = { verdict: "right", detail: "2 ms", deviceMs: 2, processorMs: 4 };
    const script = `console.log("a library"); ${SAYS_WHERE} console.log(${JSON.stringify(JSON.stringify({ record }))}); setInterval(() => {}, 1000);`;
    assert.deepEqual(await scripted(script), record);
  });

  it("tells which library the loader did not find, and what has it", async () => {
    const library = "/runtime/libonnxruntime_providers_cuda.so";
    const said = `Failed to load library ${library} with error: libcublasLt.so.13: cannot open shared object file: No such file or directory`;
    const record = JSON.stringify({ record: { verdict: "unavailable", detail: "Failed to load shared library" } });
    const trial = await scripted(`console.error(${JSON.stringify(said)}); console.log(${JSON.stringify(record)}); setInterval(() => {}, 1000);`);
    assert.equal(trial?.missing, "libcublasLt.so.13");
    assert.match(trial.detail, /^libcublasLt\.so\.13 is not found; cuBLAS has it/);
  });

  it("that crashes, or ends without a word, is a crash, and it says where", async () => {
    const crash = await scripted(`${SAYS_WHERE} process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000);`);
    assert.equal(crash?.verdict, "crashed");
    assert.match(crash.detail, /a pass over 4 tokens after 0/);
    assert.equal((await scripted("process.exit(3)"))?.verdict, "crashed");
    assert.equal((await scripted("", { command: ["/no/such/program"] }))?.verdict, "crashed");
  });

  it("that hangs is ended, and it says where", async () => {
    const hang = await scripted(`${SAYS_WHERE} setTimeout(() => { while (true); }, 50);`, { patienceMs: 1500 });
    assert.equal(hang?.verdict, "hung");
    assert.match(hang.detail, /a pass over 4 tokens after 0/);
  });

  it("that crashes or hangs in a pass of the reader says nothing against the verifier", async () => {
    const verifier = { verdict: "right", detail: "2 ms", deviceMs: 2, processorMs: 4 };
    const readersTurn = `console.log(${JSON.stringify(JSON.stringify({ soFar: verifier }))}); ${SAYS_WHERE}`;
    const crash = await scripted(`${readersTurn} setTimeout(() => process.kill(process.pid, "SIGSEGV"), 50);`);
    assert.deepEqual({ ...crash, reader: undefined }, { ...verifier, reader: undefined });
    assert.match(crash?.reader?.detail ?? "", /crashed in a pass over 4 tokens/);
    const hang = await scripted(`${readersTurn} setInterval(() => {}, 1000);`, { patienceMs: 1500 });
    assert.equal(hang?.verdict, "right");
    assert.equal(hang.reader?.isRight, false);
    assert.match(hang.reader.detail, /hung in/);
  });

  it("that is no longer wanted is ended, and nothing is known", async () => {
    const stop = new AbortController();
    const trial = scripted("setInterval(() => {}, 1000);", { signal: stop.signal });
    stop.abort();
    assert.equal(await trial, undefined);
    assert.equal(await scripted("", { signal: stop.signal }), undefined);
  });
});

describe("a device that is not there", () => {
  let client: EngineClient;
  before(async () => void (client = await EngineClient.start({ enginePath })));
  after(() => client.dispose());

  it("is refused where it was asked for, with the reason", async () => {
    const load = client.load({ modelsDir: testPair, threads: 1, device: "coreml" });
    await assert.rejects(load, { code: "deviceUnusable", message: /coreml: .*macOS/ });
  });

  it("leaves the processor at once where nothing was asked for, with a word of every accelerator", async () => {
    const { models } = await client.load({ modelsDir: testPair, threads: 1, device: "auto" });
    assert.ok(models.every(({ device }) => device === "cpu"));
    assert.match(models[0].deviceReason, /not tried yet|no accelerator/);
  });
});

describe("the CUDA provider in the data folder", () => {
  const data = mkdtempSync(path.join(os.tmpdir(), "lacuna-provider-"));
  after(() => rmSync(data, { recursive: true, force: true }));

  it("is what the engine and its trial load, beside a copy of the runtime", async function () {
    if (process.platform !== "linux" || process.arch !== "x64") this.skip();
    const distDir = path.dirname(enginePath);
    const runtime = await runtimeOf(distDir);
    const variables = { LACUNA_DATA: data, LD_LIBRARY_PATH: path.join(data, "driver") };
    const machine = { platform: process.platform, home: data, variables };
    const folder = cudaFolder(machine, runtime.version);
    for (const each of [folder, variables.LD_LIBRARY_PATH]) mkdirSync(each, { recursive: true });
    // A driver, as far as its name goes, and libraries that the loader finds and refuses.
    writeFileSync(path.join(variables.LD_LIBRARY_PATH, "libcuda.so.1"), "");
    for (const library of CUDA_LIBRARIES) writeFileSync(path.join(folder, library), "no library");
    copyFileSync(runtime.library, path.join(folder, RUNTIME_LIBRARY));
    const client = await EngineClient.start({ enginePath, variables: { ...variables, ...(await deviceVariables(machine, distDir)) } });
    const load = client.load({ modelsDir: testPair, threads: 1, device: "cuda" });
    await assert.rejects(load, ({ code, message }: LacunaError) => {
      assert.equal(code, "deviceUnusable");
      assert.ok(message.includes(`${folder}/${CUDA_LIBRARIES[0]}: `), message);
      return true;
    });
    assert.equal((await client.load({ modelsDir: testPair, threads: 1, device: "cpu" })).models[0].device, "cpu");
    await client.dispose();
  });
});

describe("accelerators that are not known", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-devices-"));
  const open = async (state = folder): Promise<VerifierDevices> => VerifierDevices.open(testPair, await openModelFiles(testPair), 1, state);
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are tried one after the other, and known at the next start", async () => {
    const devices = await open();
    const first = await devices.load("auto", new PassGate());
    assert.equal(first.runner.device, "cpu");
    const { length } = devices.untried;
    for (let left = length; left > 0; left -= 1) {
      assert.equal(devices.untried.length, left);
      await devices.tryNext(new AbortController().signal);
    }
    assert.deepEqual(devices.untried, []);
    const next = await open();
    const { runner, reason } = await next.load("auto", new PassGate());
    assert.deepEqual(next.untried, []);
    assert.doesNotMatch(reason, /not tried/);
    // Where there is an adapter, this says how fast it is instead.
    if (length > 0 && runner.device === "cpu") assert.match(reason, /adapter|librar|slower|not faster|backend/);
  });

  it("are not known where their trial was ended", async () => {
    const state = path.join(folder, "other");
    const devices = await open(state);
    await devices.load("auto", new PassGate());
    const before = devices.untried;
    const stop = new AbortController();
    const trial = devices.tryNext(stop.signal);
    stop.abort();
    await trial;
    assert.deepEqual(devices.untried, before);
    const next = await open(state);
    await next.load("auto", new PassGate());
    assert.deepEqual(next.untried, before);
  });
});

describe("a model on a device that fails in the middle of a text", () => {
  it("goes on on the processor with the same text, though what was cached is lost with the device", async () => {
    const entry = verifierOf(manifest);
    const graphPath = path.join(testPair, entry.graph.path);
    const processor = (): Promise<Program> => Program.create(graphPath, 1, "cpu");
    const prompt = probeTokens(300, entry.vocabSize);
    const write = async (runner: PassRunner): Promise<number[]> => {
      const verifier = new CachedVerifier(runner, entry, new ContextPool(entry.cache, undefined, 0), { multiple: 4 }, "padded");
      const options = { maxTokens: 24, rule: { temperature: 0, topP: 1 }, random: createRandom(1) };
      const tokens: number[] = [];
      for await (const part of decodeAutoregressively(verifier, layoutOf(prompt), options)) tokens.push(...part);
      return tokens;
    };
    const expected = await write(new PassRunner(entry, onProcessor(await processor()), new PassGate()));

    // A place of its own: nothing of it is seen elsewhere.
    const place = { memoryFor: HOST.memoryFor };
    const session = await processor();
    for (const lastPass of [0, 5, 12, 20]) {
      const failures: unknown[] = [];
      const widths: number[] = [];
      const program: GraphProgram = {
        inPlace: true,
        run: async (inputs, outputs) => {
          if (widths.length >= lastPass) throw new Error("device lost");
          widths.push(inputs.tokens.dims[1]);
          await session.run(inputs, outputs);
        },
      };
      const placement: Placement = { device: "webgpu", place, program, mostTokens: 28 };
      const runner = new PassRunner(entry, placement, new PassGate(), { create: processor, tell: (error) => failures.push(error) });
      assert.deepEqual(await write(runner), expected);
      assert.equal(runner.device, "cpu");
      assert.match(String(failures), /^Error: device lost$/);
      assert.ok(widths.length === lastPass && widths.every((width) => width <= 28 && width % 4 === 0), String(widths));
    }
  });
});
