import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { deviceVariables } from "../../../src/models/cudaProvider.js";
import type { Machine } from "../../../src/models/machine.js";
import { HubServer, noise, sha256Of } from "../../process/models/hubServer.js";
import { runWith, type RunOptions, type RunResult } from "./runWith.js";
import { zipOf } from "./zipOf.js";

const WHEEL = "onnxruntime_gpu-1.2.3-cp311-cp311-manylinux_2_28_x86_64.whl";
const CUDA = "onnxruntime/capi/libonnxruntime_providers_cuda.so";
const FILES = {
  "onnxruntime/LICENSE": Buffer.from("licence"),
  "onnxruntime/ThirdPartyNotices.txt": Buffer.from("notices"),
  "onnxruntime/capi/libonnxruntime_providers_shared.so": noise(100, 2),
  [CUDA]: noise(300_000, 3),
  "onnxruntime/capi/libonnxruntime_providers_tensorrt.so": noise(100, 4),
};
const KEPT = ["LICENSE", "ThirdPartyNotices.txt", "libonnxruntime.so.1", "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"];
const RUNTIME = noise(1000, 5);

describe("lacuna devices get cuda", () => {
  let home = "";
  let files: HubServer;
  let index: http.Server;
  let seen: IncomingMessage[] = [];
  let listed: object;

  before(function () {
    if (process.platform !== "linux" || process.arch !== "x64") this.skip();
  });
  beforeEach(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), "lacuna-devices-"));
    await comesWith("1.2.3", RUNTIME);
    await serve(zipOf(FILES));
    seen = [];
    index = http.createServer((request, response) => {
      seen.push(request);
      response.writeHead(request.url === "/simple/onnxruntime-gpu/" ? 200 : 404).end(JSON.stringify(listed));
    });
    await once(index.listen(0, "127.0.0.1"), "listening");
  });
  afterEach(async () => {
    index.closeAllConnections();
    index.close();
    await files.stop();
    await rm(home, { recursive: true });
  });

  /** The runtime beside the built program. */
  async function comesWith(version: string, library: Uint8Array): Promise<void> {
    const runtime = path.join(home, "node_modules", "onnxruntime-node");
    await mkdir(path.join(runtime, "bin/napi-v6/linux/x64"), { recursive: true });
    await writeFile(path.join(runtime, "package.json"), JSON.stringify({ version }));
    await writeFile(path.join(runtime, "bin/napi-v6/linux/x64/libonnxruntime.so.1"), library);
  }

  /** What the index has, among others: a wheel with these bytes. */
  async function serve(wheel: Buffer, changes: object = {}): Promise<void> {
    files = await HubServer.start(wheel);
    const entry = { filename: WHEEL, url: `${files.storage}/${WHEEL}`, size: wheel.length, hashes: { sha256: sha256Of(wheel) }, yanked: false };
    const others = ["1.2.3-cp312-cp312-win_amd64", "1.2.3-cp39-cp39-manylinux_2_28_aarch64", "1.2.4-cp311-cp311-manylinux_2_28_x86_64"];
    const yanked = { ...entry, filename: WHEEL.replaceAll("311", "310"), yanked: "withdrawn" };
    const strangers = others.map((name) => ({ ...entry, filename: `onnxruntime_gpu-${name}.whl`, url: "http://127.0.0.1:1/" }));
    listed = { files: [...strangers, yanked, { ...entry, ...changes }] };
  }

  const data = (...parts: string[]): string => path.join(home, "data", ...parts);
  const folder = (): string => data("devices", "cuda", "1.2.3");
  const variables = (): Record<string, string> => ({
    HOME: home,
    LACUNA_DATA: data(),
    PIP_INDEX_URL: `http://127.0.0.1:${(index.address() as AddressInfo).port}/simple/`,
  });
  const run = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    runWith(["devices", ...args], { distDir: path.join(home, "dist"), ...options, variables: { ...variables(), ...options.variables } });
  const get = (options: RunOptions = {}): Promise<RunResult> => run(["get", "cuda", "--yes"], options);
  const engineVariables = (more: Record<string, string> = {}, platform: Machine["platform"] = "linux"): Promise<Record<string, string>> =>
    deviceVariables({ platform, home, variables: { ...variables(), ...more } }, path.join(home, "dist"));

  it("keeps the provider and its licences of the wheel of the runtime's version, beside a copy of the runtime", async () => {
    const { exitCode, stdout } = await get();
    assert.equal(exitCode, 0);
    assert.ok(stdout.includes(folder()));
    assert.deepEqual((await readdir(folder())).sort(), [...KEPT].sort());
    assert.deepEqual(await readFile(path.join(folder(), path.basename(CUDA))), FILES[CUDA]);
    assert.deepEqual(await readFile(path.join(folder(), "libonnxruntime.so.1")), RUNTIME);
    assert.deepEqual([await readdir(data("downloads")), await readdir(data("devices"))], [[], ["cuda"]]);
    assert.ok(seen.every(({ headers }) => headers.accept === "application/vnd.pypi.simple.v1+json"));
  });

  it("says size, source and licence first, and downloads nothing where the answer is no", async () => {
    const { exitCode, stderr } = await run(["get", "cuda"], { stdin: Buffer.from("n\n") });
    assert.equal(exitCode, 1);
    assert.match(stderr, /\d MB from 127\.0\.0\.1:\d+.*MIT License[\s\S]*CUDA Toolkit[\s\S]*Get it\? \[y\/N\]/);
    assert.equal(files.storageSeen.length, 0);
  });

  it("is found by engines from then on, before what was looked at already, and contacts nothing again", async () => {
    assert.deepEqual(await engineVariables(), { LACUNA_DEVICES: data("devices") });
    await get();
    assert.deepEqual(await engineVariables(), { LACUNA_DEVICES: data("devices"), LD_LIBRARY_PATH: folder() });
    assert.equal((await engineVariables({ LD_LIBRARY_PATH: "/a:/b" })).LD_LIBRARY_PATH, `${folder()}:/a:/b`);
    assert.deepEqual(await engineVariables({}, "darwin"), {});
    const before = seen.length;
    assert.match((await get()).stdout, /there already/);
    assert.equal(seen.length, before);
  });

  it("is not used for another version of the runtime, nor for another build of the same", async () => {
    await get();
    await comesWith("1.2.4", RUNTIME);
    assert.equal((await engineVariables()).LD_LIBRARY_PATH, undefined);
    await comesWith("1.2.3", noise(1001, 6));
    assert.equal((await engineVariables()).LD_LIBRARY_PATH, undefined);
    assert.equal((await get()).exitCode, 0);
    assert.equal((await engineVariables()).LD_LIBRARY_PATH, folder());
  });

  it("goes on where the connection broke", async () => {
    files.faults.push({ cutAfter: 100_000 });
    assert.equal((await get()).exitCode, 0);
    assert.match(files.storageSeen.at(-1)?.headers.range ?? "", /^bytes=[1-9]\d*-$/);
    assert.deepEqual(await readFile(path.join(folder(), path.basename(CUDA))), FILES[CUDA]);
  });

  it("installs nothing whose hash is not the index's", async () => {
    await files.stop();
    await serve(zipOf(FILES), { hashes: { sha256: "0".repeat(64) } });
    const { exitCode, stderr } = await get();
    assert.equal(exitCode, 1);
    assert.match(stderr, /not what the index says.*hash[\s\S]*PIP_INDEX_URL/);
    assert.doesNotMatch(stderr, /HF_ENDPOINT/);
    assert.equal((await engineVariables()).LD_LIBRARY_PATH, undefined);
  });

  it("installs nothing of a wheel that lacks a library or is none", async () => {
    const without = Object.fromEntries(Object.entries(FILES).filter(([name]) => name !== CUDA));
    for (const [wheel, message] of [
      [zipOf(without), /no onnxruntime\/capi\/libonnxruntime_providers_cuda\.so in it/],
      [noise(999), /unpacked/],
    ] as const) {
      await files.stop();
      await serve(wheel);
      const { exitCode, stderr } = await get();
      assert.equal(exitCode, 1);
      assert.match(stderr, message);
      assert.deepEqual(await readdir(data("devices", "cuda")), []);
      assert.deepEqual(await readdir(data("devices")), ["cuda"]);
      await rm(data("downloads"), { recursive: true });
    }
  });

  it("says so where an index does not have that version, tells no hash, or is none", async () => {
    const failsWith = async (given: object | string, message: RegExp, more: Record<string, string> = {}): Promise<void> => {
      listed = given as object;
      const { exitCode, stderr } = await get({ variables: more });
      assert.equal(exitCode, 1);
      assert.match(stderr, message);
    };
    await failsWith({ files: [] }, /has no onnxruntime-gpu 1\.2\.3 for Linux on x64/);
    await failsWith({ files: [{ filename: WHEEL, url: "/x", hashes: {} }] }, /does not say size and hash/);
    await failsWith("<html>", /does not list onnxruntime-gpu in a form that is known/);
    await failsWith({}, /does not give onnxruntime-gpu \(status 404\)/, { PIP_INDEX_URL: `${variables().PIP_INDEX_URL}other` });
    await failsWith({}, /address of the package index is none/, { PIP_INDEX_URL: "nowhere" });
  });

  it("is taken back by lacuna devices remove cuda, once asked", async () => {
    assert.match((await run(["remove", "cuda"])).stdout, /nothing to remove/);
    await get();
    assert.equal((await run(["remove", "cuda"], { stdin: Buffer.from("n\n") })).exitCode, 1);
    assert.deepEqual(await readdir(data("devices", "cuda")), ["1.2.3"]);
    assert.equal((await run(["remove", "cuda"], { stdin: Buffer.from("y\n") })).exitCode, 0);
    assert.equal((await engineVariables()).LD_LIBRARY_PATH, undefined);
    assert.deepEqual(await readdir(data("devices")), []);
  });

  it("is for cuda alone", async () => assert.equal((await run(["get", "tpu"])).exitCode, 2));
});
