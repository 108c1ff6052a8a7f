import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { checkModels } from "../../../src/cli/modelCheck.js";
import { installedModel } from "../../../src/models/installed.js";
import type { ModelsReport } from "../../../src/models/modelsReport.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";
import { tinyCheckpoint } from "../convert/checkpointFolder.js";
import { ggufOf, writeGguf } from "../convert/ggufWriter.js";
import { ggufBytes, QWEN, text } from "../../process/models/ggufBytes.js";
import { HubServer, sha256Of } from "../../process/models/hubServer.js";
import { runWith, type RunOptions, type RunResult } from "./runWith.js";

const MODEL = ggufBytes();
const SHIPPED = path.resolve(import.meta.dirname, "../../../models");

describe("lacuna models", () => {
  let home = "";
  let server: HubServer;
  beforeEach(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), "lacuna-home-"));
    server = await HubServer.start(MODEL);
  });
  afterEach(async () => {
    await server.stop();
    await rm(home, { recursive: true });
  });

  const data = (...parts: string[]): string => path.join(home, "data", ...parts);
  const run = (args: readonly string[], { variables, ...options }: RunOptions = {}): Promise<RunResult> =>
    runWith([...(["get", "remove"].includes(args[0]) ? [] : ["--models", SHIPPED]), "models", ...args], {
      variables: { HOME: home, LACUNA_DATA: data(), HF_ENDPOINT: server.endpoint, XDG_DATA_HOME: path.join(home, "share"), ...variables },
      ...options,
    });
  const put = async (bytes: string | Uint8Array, ...parts: string[]): Promise<string> => {
    const file = path.join(home, ...parts);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return file;
  };
  const install = async (name: string): Promise<string> => {
    return path.dirname(await put(await readFile(path.join(SHIPPED, "manifest.json")), "data", "models", name, "manifest.json"));
  };
  const contacts = (): number => server.hubSeen.length + server.storageSeen.length;
  const lastJson = <T>({ stdout }: RunResult): T => JSON.parse(stdout.trimEnd().split("\n").at(-1) as string) as T;

  it("lists what is installed, what other tools have and what can be had, and contacts nothing", async () => {
    await install("mine");
    await put(MODEL, ".lmstudio", "models", "a.gguf");
    await put(MODEL.subarray(0, 99), ".lmstudio", "models", "broken.gguf");
    await put(MODEL, "data", "downloads", "coder", "whole.gguf");
    await put("half", "data", "downloads", "coder", "half.gguf.part");
    const { exitCode, stdout, stderr } = await run([]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^ {2}mine {2,}\S+ {2,}verifier/m);
    assert.match(stdout, /LM Studio {2,}a\.gguf {2,}qwen2 {2,}Q4_K_M/);
    assert.match(stdout, /whole\.gguf$/m);
    assert.match(stdout, /not whole yet: `lacuna models get coder` goes on with it/);
    assert.match(stdout, /qwen2\.5-coder-3b .* Qwen Research License/);
    assert.match(stdout, /^In the folders of other tools \(import one with `lacuna import PATH`\)$/m);
    assert.match(stdout, /^To be had \(get one with `lacuna models get NAME`\)$/m);
    const inClone = await run([], { command: "node dist/cli.js" });
    assert.match(inClone.stdout, /^Downloaded \(import one with `node dist\/cli\.js import PATH`\)$/m);
    assert.match(inClone.stdout, /^To be had \(get one with `node dist\/cli\.js models get NAME`\)$/m);
    assert.doesNotMatch(inClone.stdout, /lacuna (import|models)/);
    assert.match(stderr, /Passed over .*broken\.gguf: it is cut short: it ends in the middle of its header/);
    assert.match(stderr, /no commercial use/);
    assert.equal(contacts(), 0);
  });

  it("with --json prints all of it as one document", async () => {
    await install("mine");
    await put("{", "data", "models", "wrong", "manifest.json");
    await put(MODEL, ".lmstudio", "models", "a.gguf");
    const result = await run(["--json"]);
    assert.equal(result.stdout.trimEnd().split("\n").length, 1);
    const report = lastJson<ModelsReport>(result);
    assert.deepEqual(
      report.installed.map(({ name, problem }) => [name, problem === ""]),
      [
        ["models", true],
        ["mine", true],
        ["wrong", false],
      ],
    );
    const mine = report.found.filter(({ path: at }) => at.startsWith(home));
    assert.deepEqual(
      mine.map(({ tool, label, facts }) => [tool, label, facts.canFill]),
      [["LM Studio", "a.gguf", true]],
    );
    for (const { expected } of report.catalogue) assert.ok(expected.memoryBytes > 1e8 && expected.msPerToken > 0);
  });

  it("get downloads a file of the hub, checks it and says how to import it", async () => {
    const { exitCode, stdout, stderr } = await run(["get", "owner/repository/model.gguf", "--no-import"]);
    assert.equal(exitCode, 0);
    const file = data("downloads", "model", "model.gguf");
    assert.equal(sha256Of(await readFile(file)), server.sha256);
    assert.match(stdout, new RegExp(`model\\.gguf is whole and right: .*${server.sha256}`));
    assert.match(stderr, /read its licence on the hub/);
    assert.ok(stderr.includes(`lacuna import ${file} --out ${data("models", "model")}`));
  });

  it("get installs what it has downloaded, keeps no second copy, and does it once", async () => {
    const file = path.join(home, "tiny");
    writeGguf(file, ggufOf(tinyCheckpoint));
    server.content = await readFile(file);
    const result = await run(["get", "owner/repository/tiny.gguf", "--json"]);
    assert.equal(result.exitCode, 0, result.stderr);
    assert.equal(lastJson<{ model: { origin: string } }>(result).model.origin, "owner/repository/tiny.gguf");
    assert.equal(parseManifest(await readFile(data("models", "tiny", "manifest.json"), "utf8")).models[0].name, "tiny");
    assert.deepEqual(await readdir(data("downloads")), []);
    const before = contacts();
    assert.match((await run(["get", "owner/repository/tiny.gguf"])).stdout, /is installed already/);
    assert.equal(contacts(), before);
  });

  it("get keeps a file that cannot be imported, so that nothing is downloaded twice", async () => {
    const { exitCode, stderr } = await run(["get", "owner/repository/model.gguf"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /is whole and right/);
    await access(data("downloads", "model", "model.gguf"));
  });

  it("get says of a model that this version cannot import it before it is downloaded", async () => {
    const { exitCode, stderr } = await run(["get", "deepseek-coder-1.3b-base"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /this version cannot import it\.\nGet it\?/);
    assert.equal(contacts(), 0);
  });

  it("get takes a name of the catalogue and its licence is said first", async () => {
    server.linked = { "x-linked-size": String(MODEL.length), "x-linked-etag": sha256Of(MODEL) };
    const result = await run(["get", "qwen2.5-coder-0.5b", "--no-import", "--json"]);
    assert.equal(result.exitCode, 0, result.stderr);
    assert.match(result.stderr, /^qwen2\.5-coder-0\.5b: Apache-2\.0\.\n/);
    assert.equal(server.hubSeen[0].url, "/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf");
    assert.equal(lastJson<{ outcome: string }>(result).outcome, "done");
  });

  it("get asks before a licence that does not allow everything, and no answer is no", async () => {
    for (const stdin of ["", "\n", "n\n", "maybe yes\n"]) {
      const { exitCode, stderr } = await run(["get", "qwen2.5-coder-3b", "--no-import"], { stdin: Buffer.from(stdin) });
      assert.equal(exitCode, 1);
      assert.match(stderr, /no commercial use[\s\S]*Get it\? \[y\/N\][\s\S]*was not downloaded/);
    }
    assert.equal(contacts(), 0);
    assert.equal((await run(["get", "qwen2.5-coder-3b", "--no-import"], { stdin: Buffer.from("y\n") })).exitCode, 0);
    assert.equal((await run(["get", "qwen2.5-coder-3b", "--no-import", "--yes"])).exitCode, 0);
  });

  it("get takes the same file of another tool instead of downloading it", async () => {
    const other = ggufBytes({ ...QWEN, "general.name": text("Other Coder") });
    await put(other, ".lmstudio", "models", "a.gguf");
    const file = await put(MODEL, ".lmstudio", "models", "b.gguf");
    const { stdout, stderr } = await run(["get", "owner/repository/model.gguf", "--no-import"]);
    assert.ok(stdout.startsWith(`${file} is whole and right`));
    assert.match(stderr, /Another tool has the same file/);
    assert.equal(server.storageSeen.length, 0);
  });

  it("get fails with a sentence and a remedy, and with --json with both", async () => {
    server.hubFaults.push({ status: 404 });
    const result = await run(["get", "owner/repository/model.gguf", "--no-import", "--json"]);
    assert.equal(result.exitCode, 1);
    const { error } = lastJson<{ error: { code: string; message: string; remedy: string } }>(result);
    assert.equal(error.code, "hubMissing");
    assert.ok(result.stderr.endsWith(`${error.message}\n${error.remedy}\n`));
  });

  it("get never shows the token", async () => {
    server.hubFaults.push({ status: 403 });
    const { stdout, stderr } = await run(["get", "owner/repository/model.gguf", "--no-import"], { variables: { HF_TOKEN: "hf_secret" } });
    assert.equal(server.hubSeen[0].headers.authorization, "Bearer hf_secret");
    assert.doesNotMatch(stdout + stderr, /hf_secret/);
  });

  it("get of an unknown name fails before anything is contacted", async () => {
    const { exitCode, stderr } = await run(["get", "gpt"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /There is no gpt in the catalogue/);
    assert.equal(contacts(), 0);
  });

  it("Ctrl-C ends get with exit code 130, and the same command goes on", async () => {
    server.faults.push({ stallAfter: 500 });
    const { exitCode, stderr } = await run(["get", "owner/repository/model.gguf", "--no-import"], { interrupts: 1 });
    assert.equal(exitCode, 130);
    assert.match(stderr, /goes on where it stopped/);
    server.faults.length = 0;
    assert.equal((await run(["get", "owner/repository/model.gguf", "--no-import"])).exitCode, 0);
  });

  it("gives a model the size that doctor gives it, a reader's sequential files among it", async () => {
    const listed = (await installedModel(SHIPPED))?.models ?? [];
    const checked = (await checkModels(SHIPPED)).filter(({ role }) => role !== "tokenizer");
    assert.ok(checked.some(({ role }) => role === "reader"));
    assert.deepEqual(
      listed.map(({ name, bytes }) => [name, bytes]),
      checked.map(({ name, bytes }) => [name, bytes]),
    );
  });

  it("remove asks, and removes the installed model and its download alone", async () => {
    const kept = await install("kept");
    const gone = await install("gone");
    await put(MODEL, "data", "downloads", "gone", "file.gguf");
    const refused = await run(["remove", "gone"], { stdin: Buffer.from("n\n") });
    assert.equal(refused.exitCode, 1);
    assert.ok(refused.stderr.includes(gone));
    await access(gone);
    const { exitCode, stdout } = await run(["remove", "gone"], { stdin: Buffer.from("yes\n") });
    assert.equal(exitCode, 0);
    assert.match(stdout, /^gone is gone/);
    await assert.rejects(access(gone));
    await access(kept);
    assert.deepEqual(await readdir(data("downloads")), []);
  });

  it("remove says of what comes with Lacuna that it stays", async () => {
    for (const name of ["models", "lacuna-verifier-120m"]) {
      const { exitCode, stderr } = await run(["remove", name, "--yes"], { distDir: path.join(SHIPPED, "../dist") });
      assert.deepEqual([exitCode, /comes with Lacuna, and is not removed/.test(stderr)], [1, true], name);
    }
  });

  it("lists what has a pipe for a manifest as unusable, and no folder that is none", async function () {
    if (process.platform === "win32") this.skip();
    await mkdir(data("models", "odd"), { recursive: true });
    execFileSync("mkfifo", [data("models", "odd", "manifest.json")]);
    const { exitCode, stdout } = await run([]);
    assert.deepEqual([exitCode, /odd +cannot be used: manifest\.json is no file/.test(stdout)], [0, true]);
    const none = await runWith(["--models", home, "models"], { variables: { HOME: home, LACUNA_DATA: data() } });
    assert.deepEqual([none.exitCode, /is no folder of models/.test(none.stderr)], [1, true]);
  });

  it("remove leaves alone what is no installed model: other folders, links, and names that lead out", async () => {
    const outside = await install("../../outside");
    await mkdir(data("models", "plain"), { recursive: true });
    await symlink(outside, data("models", "link"));
    for (const name of ["nothing", "plain", "link", "..", ".", "../../outside", "../outside", outside]) {
      const { exitCode, stderr } = await run(["remove", name, "--yes"]);
      assert.equal(exitCode, 1, name);
      assert.match(stderr, /There is no installed model/, name);
    }
    await access(path.join(outside, "manifest.json"));
    await access(data("models", "plain"));
  });
});
