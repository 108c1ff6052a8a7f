import assert from "node:assert/strict";
import { chmod, link, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { discoverIn, discoverModels, type Discovery } from "../../../src/models/discovery.js";
import { filesBelow, type FoundFile, type Skipped } from "../../../src/models/filesBelow.js";
import type { Machine } from "../../../src/models/machine.js";
import { toolFolders } from "../../../src/models/otherTools.js";
import { findSameFile } from "../../../src/models/sameFile.js";
import { ggufBytes, QWEN, text, texts, u32 } from "./ggufBytes.js";
import { sha256Of } from "./hubServer.js";

const MODEL = ggufBytes();
const OTHER = ggufBytes({ ...QWEN, "general.name": text("Other Coder") });

async function all(files: AsyncIterable<FoundFile>): Promise<FoundFile[]> {
  const list: FoundFile[] = [];
  for await (const file of files) list.push(file);
  return list;
}

describe("discovery", () => {
  let home = "";
  beforeEach(async () => (home = await mkdtemp(path.join(os.tmpdir(), "lacuna-home-"))));
  afterEach(() => rm(home, { recursive: true }));

  const put = async (bytes: string | Uint8Array, ...parts: string[]): Promise<string> => {
    const file = path.join(home, ...parts);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return file;
  };
  const linux = (variables: Machine["variables"] = {}): Machine => ({ platform: "linux", home, variables });
  /** What was found below the test's own home: a machine may have a service's models elsewhere. */
  const discover = async (variables?: Machine["variables"]): Promise<Discovery> => {
    const folders = (await toolFolders(linux(variables))).filter(({ folder }) => folder.startsWith(home));
    return discoverIn(folders);
  };
  const labels = ({ found }: Discovery): string[] => found.map(({ tool, label }) => `${tool}: ${label}`);

  it("finds Ollama's models by their manifests and calls them as Ollama does", async () => {
    const digest = sha256Of(MODEL);
    const root = [".ollama", "models"];
    await put(MODEL, ...root, "blobs", `sha256-${digest}`);
    await put("a licence", ...root, "blobs", `sha256-${"1".repeat(64)}`);
    const layers = [
      { mediaType: "application/vnd.ollama.image.license", digest: `sha256:${"1".repeat(64)}` },
      { mediaType: "application/vnd.ollama.image.model", digest: `sha256:${digest}` },
    ];
    await put(JSON.stringify({ layers }), ...root, "manifests", "registry.ollama.ai", "library", "coder", "1.5b");
    await put(JSON.stringify({ layers }), ...root, "manifests", "hf.co", "owner", "repository", "latest");
    await put("{", ...root, "manifests", "registry.ollama.ai", "library", "broken", "latest");
    const discovery = await discover();
    assert.deepEqual(labels(discovery), ["Ollama: hf.co/owner/repository:latest, coder:1.5b"]);
    assert.equal(discovery.found[0].facts.name, "Small Coder");
    assert.deepEqual(discovery.skipped, []);
  });

  it("finds the models of LM Studio, llama.cpp, the hub's cache and GPT4All where they are by default", async () => {
    const numbered = (index: number): Buffer => ggufBytes({ ...QWEN, "general.name": text(`model ${index}`) });
    await put(numbered(1), ".lmstudio", "models", "publisher", "model", "a.gguf");
    await put(numbered(2), ".cache", "llama.cpp", "owner_model.gguf");
    await put(numbered(3), ".cache", "huggingface", "hub", "models--owner--name", "snapshots", "abc", "file.gguf");
    await put(numbered(4), ".local", "share", "nomic.ai", "GPT4All", "b.gguf");
    assert.deepEqual(labels(await discover()), [
      "LM Studio: publisher/model/a.gguf",
      "llama.cpp: owner_model.gguf",
      "Hugging Face: owner/name/file.gguf",
      "GPT4All: b.gguf",
    ]);
  });

  it("finds whole folders of safetensors in the hub's cache, and says what speaks against one", async () => {
    const config = { model_type: "qwen2", torch_dtype: "bfloat16", max_position_embeddings: 32768 };
    const tokens = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"].map((content, id) => [String(id), { content }]);
    const folder = async (name: string, files: Readonly<Record<string, string>>): Promise<void> => {
      const at = [".cache", "huggingface", "hub", `models--owner--${name}`];
      for (const [file, content] of Object.entries(files)) {
        const blob = await put(content, ...at, "blobs", `${name}-${file}`);
        const snapshot = path.join(home, ...at, "snapshots", "abc", file);
        await mkdir(path.dirname(snapshot), { recursive: true });
        await symlink(blob, snapshot);
      }
    };
    const tokenizer = JSON.stringify({ added_tokens_decoder: Object.fromEntries(tokens) });
    await folder("good", { "config.json": JSON.stringify(config), "a.safetensors": "12345678", "tokenizer_config.json": tokenizer });
    await folder("other", { "config.json": JSON.stringify({ model_type: "bert" }), "a.safetensors": "12" });
    await folder("stretched", { "config.json": JSON.stringify({ ...config, rope_scaling: { factor: 4 } }), "a.safetensors": "12" });
    await folder("weightless", { "config.json": JSON.stringify(config) });
    await folder("broken", { "config.json": "{", "a.safetensors": "12" });
    const { found } = await discover();
    assert.deepEqual(found.map(({ kind, label, facts }) => [kind, label, facts.parameters, facts.canFill, facts.obstacle]), [
      ["folder", "owner/good", 4, true, ""],
      ["folder", "owner/other", 1, false, "is of the family bert, not qwen2, llama, qwen3"],
      ["folder", "owner/stretched", 1, false, "stretches its positions (rope scaling)"],
    ]);
  });

  it("looks where variables and LM Studio's own files say that models are", async () => {
    const at = (name: string): string => path.join(home, name);
    await put(at("studio"), ".lmstudio-home-pointer");
    await put(JSON.stringify({ downloadsFolder: at("studio downloads") }), "studio", "settings.json");
    const variables = { OLLAMA_MODELS: at("o"), LLAMA_CACHE: at("l"), HF_HOME: at("h"), HF_HUB_CACHE: at("c"), XDG_DATA_HOME: at("d") };
    const folders = (await toolFolders(linux(variables))).map(({ folder }) => folder);
    const expected = ["o", "l", "h/hub", "c", "d/nomic.ai/GPT4All", "studio/models", "studio downloads"].map(at);
    for (const folder of expected) assert.ok(folders.includes(folder), folder);
    const windows = await toolFolders({ platform: "win32", home, variables: { LOCALAPPDATA: at("local") } });
    assert.ok(windows.some(({ tool, folder }) => tool === "llama.cpp" && folder === path.join(at("local"), "llama.cpp")));
    const mac = await toolFolders({ platform: "darwin", home, variables: {} });
    assert.ok(mac.some(({ tool, folder }) => tool === "llama.cpp" && folder === path.join(home, "Library", "Caches", "llama.cpp")));
  });

  it("tells a file by its header, whatever it is called", async () => {
    await put(MODEL, ".lmstudio", "models", "holiday.jpg");
    await put("not a model", ".lmstudio", "models", "qwen2.5-coder-7b.gguf");
    assert.deepEqual(labels(await discover()), ["LM Studio: holiday.jpg"]);
  });

  it("lists one blob once, by the name that says something, though links lead to it", async () => {
    const hub = [".cache", "huggingface", "hub", "models--owner--name"];
    const blob = await put(MODEL, ...hub, "blobs", sha256Of(MODEL));
    const snapshot = path.join(home, ...hub, "snapshots", "abc", "coder.gguf");
    await mkdir(path.dirname(snapshot), { recursive: true });
    await symlink(blob, snapshot);
    await mkdir(path.join(home, ".lmstudio", "models"), { recursive: true });
    await link(blob, path.join(home, ".lmstudio", "models", "hard.gguf"));
    const { found } = await discover();
    assert.equal(found.length, 1);
    assert.deepEqual([found[0].path, ...found[0].otherPaths].sort(), [blob, snapshot, path.join(home, ".lmstudio", "models", "hard.gguf")].sort());
    await rm(path.join(home, ".lmstudio"), { recursive: true });
    assert.deepEqual(labels(await discover()), ["Hugging Face: owner/name/coder.gguf"]);
  });

  it("lists copies once, and files of one size with other bytes apart", async () => {
    assert.equal(MODEL.length, OTHER.length);
    await put(MODEL, ".lmstudio", "models", "a.gguf");
    await put(OTHER, ".lmstudio", "models", "b.gguf");
    const copy = await put(MODEL, ".cache", "llama.cpp", "c.gguf");
    const discovery = await discover();
    assert.deepEqual(labels(discovery), ["LM Studio: a.gguf", "LM Studio: b.gguf"]);
    assert.deepEqual(discovery.found[0].otherPaths, [copy]);
  });

  it("lists a split model by its first file", async () => {
    for (const index of [0, 1, 2]) {
      await put(ggufBytes({ ...QWEN, "split.no": u32(index), "split.count": u32(3) }), ".lmstudio", "models", `part-${index}.gguf`);
    }
    const { found } = await discover();
    assert.deepEqual(found.map(({ facts }) => facts.part), [{ index: 1, count: 3 }]);
  });

  it("tells broken models and goes on", async () => {
    const broken = await put(MODEL.subarray(0, 200), ".lmstudio", "models", "a.gguf");
    const short = await put(MODEL.subarray(0, MODEL.length - 7), ".lmstudio", "models", "b.gguf");
    await put(MODEL, ".lmstudio", "models", "c.gguf");
    const discovery = await discover();
    assert.deepEqual(labels(discovery), ["LM Studio: c.gguf"]);
    assert.deepEqual(discovery.skipped.map(({ path: at }) => at), [broken, short]);
    assert.match(discovery.skipped[1].why, /cut short/);
  });

  it("comes to an end with links in a circle, links to nothing and links to itself", async () => {
    const models = path.join(home, ".lmstudio", "models");
    await put(MODEL, ".lmstudio", "models", "deep", "a.gguf");
    await symlink(models, path.join(models, "deep", "up"));
    await symlink(path.join(models, "deep"), path.join(models, "again"));
    await symlink(path.join(models, "nothing"), path.join(models, "dangling.gguf"));
    await symlink(path.join(models, "self"), path.join(models, "self"));
    const { found } = await discover();
    assert.equal(found.length, 1);
  });

  it("tells a folder that may not be read and goes on", async () => {
    const closed = path.join(home, ".lmstudio", "models", "closed");
    await mkdir(closed, { recursive: true });
    await put(MODEL, ".lmstudio", "models", "open.gguf");
    await chmod(closed, 0);
    const discovery = await discover();
    await chmod(closed, 0o700);
    assert.deepEqual(labels(discovery), ["LM Studio: open.gguf"]);
    // To the administrator every folder is open.
    if (process.getuid?.() !== 0 && process.platform !== "win32") assert.deepEqual(discovery.skipped.map(({ path: at }) => at), [closed]);
  });

  it("looks through thousands of files, and stops at its bounds and says so", async () => {
    const root = path.join(home, "many");
    await mkdir(root);
    await Promise.all(Array.from({ length: 3000 }, (_, index) => writeFile(path.join(root, `file ${index}`), "x")));
    await writeFile(path.join(root, "model"), MODEL);
    assert.deepEqual(labels(await discoverIn([{ tool: "GPT4All", folder: root }])), ["GPT4All: model"]);
    const skipped: Skipped[] = [];
    const files = await all(filesBelow(root, skipped, { depth: 1, entries: 100 }));
    assert.equal(files.length, 100);
    assert.match(skipped[0].why, /more than 100 entries/);
  }).timeout(30_000);

  it("goes no deeper than its bound and says so", async () => {
    await put("x", "one", "two", "three", "file");
    const skipped: Skipped[] = [];
    const files = await all(filesBelow(path.join(home, "one"), skipped, { depth: 1, entries: 100 }));
    assert.equal(files.length, 0);
    assert.match(skipped[0].why, /more than 1 folders deep/);
  });

  it("finds nothing where there is nothing, and tells nothing", async () => {
    assert.deepEqual(await discover(), { found: [], skipped: [] });
    await put("a file", ".ollama", "models");
    assert.deepEqual(await discover(), { found: [], skipped: [] });
  });

  it("changes nothing in a tool's folder", async () => {
    const file = await put(MODEL, ".lmstudio", "models", "a.gguf");
    const before = await stat(file);
    await discover();
    const after = await stat(file);
    assert.deepEqual([after.mtimeMs, after.size], [before.mtimeMs, before.size]);
    assert.deepEqual(await readdir(path.dirname(file)), ["a.gguf"]);
  });

  it("stops when it is cancelled", async () => {
    await put(MODEL, ".lmstudio", "models", "a.gguf");
    await assert.rejects(discoverModels(linux(), AbortSignal.abort()), { name: "AbortError" });
  });

  it("finds the file with the same bytes, not one of the same size or name", async () => {
    await put(OTHER, ".lmstudio", "models", "a.gguf");
    const file = await put(MODEL, ".lmstudio", "models", "b.gguf");
    assert.equal(await findSameFile(linux(), { bytes: MODEL.length, sha256: sha256Of(MODEL) }), file);
    assert.equal(await findSameFile(linux(), { bytes: MODEL.length, sha256: "0".repeat(64) }), undefined);
  });

  it("says of a model without the tokens for it that it cannot fill", async () => {
    await put(ggufBytes({ ...QWEN, "tokenizer.ggml.tokens": texts("a") }), ".lmstudio", "models", "a.gguf");
    const { found } = await discover();
    assert.equal(found[0].facts.canFill, false);
  });
});
