import assert from "node:assert/strict";
import path from "node:path";
import type { Models, ModelsOptions } from "../../../src/host/models.js";
import type { BrokenDownload, BrokenDownloadOptions } from "../../../src/host/brokenDownload.js";
import type { ModelOffer, ModelOfferOptions } from "../../../src/host/modelOffer.js";
import type { ModelsReport } from "../../../src/models/modelsReport.js";
import { reportOf } from "../view/modelReports.js";
import { loadHost } from "./loadHost.js";

interface Host {
  readonly Models: new (options: ModelsOptions) => Models;
  readonly ModelOffer: new (options: ModelOfferOptions) => ModelOffer;
  readonly BrokenDownload: new (options: BrokenDownloadOptions) => BrokenDownload;
  readonly LacunaError: new (code: string, sentence: string, remedy: string) => Error;
  readonly editor: typeof import("./modelsStub.js");
}

const load = (): Promise<Host> =>
  loadHost(
    { "host/models": "Models", "host/modelOffer": "ModelOffer", "host/brokenDownload": "BrokenDownload", "protocol/errors": "LacunaError" },
    "modelsStub.ts",
  );

const BUNDLED = path.resolve("/extension/models");
const DATA = path.resolve("/data/models");

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function setUp(change: Partial<ModelsReport> = {}, folder = BUNDLED, fillFolder = "") {
  const host = await load();
  const calls: string[] = [];
  let failure: Error | undefined;
  let isCancelled = false;
  const commands: ModelsOptions["commands"] = {
    bundledFolder: BUNDLED,
    report: async () => reportOf(change),
    install: async (name, args) => {
      calls.push(`install ${args.join(" ")}`);
      if (failure !== undefined) throw failure;
      return isCancelled ? undefined : path.join(DATA, name);
    },
    remove: async (name) => void calls.push(`remove ${name}`),
  };
  const engine: ModelsOptions["engine"] = {
    ...{ modelsFolder: folder, fillFolder, memoryBytes: undefined },
    useModels: async (to) => void calls.push(`use ${to}`),
    fillWith: async (to) => void calls.push(`fill with ${to}`),
  };
  const models = new host.Models({ engine, commands, paces: { of: () => undefined }, during: (_, work) => work(), tokensPerSecond: () => undefined });
  const run = async (...picks: string[]): Promise<void> => {
    host.editor.answers.picks.push(...picks);
    await host.editor.commands.executeCommand("lacuna.models");
  };
  const ways = { fail: (error: Error) => (failure = error), cancel: () => (isCancelled = true) };
  return { ...host, models, commands, calls, run, ...ways };
}

describe("the list of models", () => {
  it("switches to an installed model, and back to the one that comes with the extension", async () => {
    const { calls, run } = await setUp();
    await run("qwen2.5-coder-1.5b");
    await run("small");
    assert.deepEqual(calls, [`use ${path.join(DATA, "qwen2.5-coder-1.5b")}`, "use "]);
  });

  it("is left without a choice", async () => {
    const { calls, run } = await setUp();
    await run("");
    assert.deepEqual(calls, []);
  });

  it("imports a model of another tool, or a file that is chosen, and uses it", async () => {
    const { calls, run, editor } = await setUp();
    await run("coder:0.5b");
    editor.answers.file = path.resolve("/somewhere/My Model.gguf");
    await run("Choose a File");
    const imported = (source: string, name: string): string[] => {
      const out = path.join(DATA, name);
      return [`install import ${source} --out ${out}`, `use ${out}`];
    };
    assert.deepEqual(calls, [...imported("/ollama/blobs/sha256-1", "coder-0.5b"), ...imported(editor.answers.file, "My-Model")]);
  });

  it("asks where a model of the name is installed already, and replaces none", async () => {
    const { calls, run, editor } = await setUp();
    editor.answers.file = path.resolve("/somewhere/qwen2.5-coder-1.5b.gguf");
    await run("Choose a File");
    assert.deepEqual(calls, []);
    editor.answers.buttons.set("installed model qwen2.5-coder-1.5b already", "Use It");
    await run("Choose a File");
    editor.answers.buttons.set("installed model qwen2.5-coder-1.5b already", "Import It Again");
    await run("Choose a File");
    const again = path.join(DATA, "qwen2.5-coder-1.5b-2");
    assert.deepEqual(calls, [`use ${path.join(DATA, "qwen2.5-coder-1.5b")}`, `install import ${editor.answers.file} --out ${again}`, `use ${again}`]);
  });

  it("downloads only after a confirmation that states size, licence and free disk", async () => {
    const { calls, run, editor } = await setUp();
    await run("qwen2.5-coder-3b");
    assert.deepEqual(calls, []);
    const detail = editor.shown.find((text) => text.startsWith("detail: "))!;
    for (const said of [/about 2\.10 GB/, /Qwen Research License.*no commercial use/, /Free on the disk: 50\.0 GB/]) assert.match(detail, said);
    editor.answers.buttons.set("Download qwen2.5-coder-3b?", "Download");
    await run("qwen2.5-coder-3b");
    assert.deepEqual(calls, ["install models get qwen2.5-coder-3b --yes", `use ${path.join(DATA, "qwen2.5-coder-3b")}`]);
  });

  it("uses nothing new after a cancelled or failed installation, and says the sentence and the remedy", async () => {
    const cancelled = await setUp();
    cancelled.cancel();
    await cancelled.run("coder:0.5b");
    assert.deepEqual(cancelled.calls.length, 1);
    const failed = await setUp();
    failed.fail(new failed.LacunaError("diskFull", "The disk is full.", "Make room."));
    await failed.run("coder:0.5b");
    assert.equal(failed.calls.length, 1);
    assert.ok(failed.editor.shown.includes("error: The disk is full. Make room."));
  });

  it("removes after asking, puts the bundled model in the place of the one in use, and is there again", async () => {
    const { calls, run, editor } = await setUp({}, path.join(DATA, "qwen2.5-coder-1.5b"));
    await run("-qwen2.5-coder-1.5b");
    assert.deepEqual(calls, []);
    editor.answers.buttons.set("Remove qwen2.5-coder-1.5b?", "Remove");
    editor.answers.buttons.set("Remove broken?", "Remove");
    await run("-qwen2.5-coder-1.5b", "-broken");
    assert.deepEqual(calls, ["use ", "remove qwen2.5-coder-1.5b", "remove broken"]);
    assert.ok(editor.shown.some((text) => text.includes("1.60 GB of disk are freed. The model that comes with Lacuna takes its place.")));
  });

  it("has an installed model fill holes beside the one in use, no longer, and not once it is removed", async () => {
    const folder = path.join(DATA, "qwen2.5-coder-1.5b");
    const off = await setUp();
    await off.run("+qwen2.5-coder-1.5b");
    assert.deepEqual(off.calls, [`fill with ${folder}`]);
    const on = await setUp({}, BUNDLED, folder);
    await on.run("+qwen2.5-coder-1.5b");
    on.editor.answers.buttons.set("Remove qwen2.5-coder-1.5b?", "Remove");
    await on.run("-qwen2.5-coder-1.5b", "");
    assert.deepEqual(on.calls, ["fill with ", "fill with ", "remove qwen2.5-coder-1.5b"]);
  });

  it("says why a model cannot be had", async () => {
    const { calls, run, editor } = await setUp();
    await run("odd.gguf");
    assert.deepEqual(calls, []);
    assert.ok(editor.shown.includes("information: odd.gguf cannot be imported: it is a mixture of experts."));
  });

  it("is not shown in a folder that is not trusted", async () => {
    const { calls, run, editor } = await setUp();
    editor.state.trusted = false;
    await run("qwen2.5-coder-1.5b");
    assert.deepEqual(calls, []);
    assert.ok(!editor.shown.some((text) => text.startsWith("item: ")));
    assert.match(editor.shown.join("\n"), /whose folder is trusted/);
  });
});

describe("the offer of a better model", () => {
  const ROOMY = { memoryBytes: 16e9 };

  async function offered(change: Partial<ModelsReport>, button: string | undefined, isGiven = false, kept = new Map<string, unknown>()) {
    const { ModelOffer, models, commands, calls, editor } = await setUp(change);
    if (button !== undefined) editor.answers.buttons.set("can bear a better one", button);
    editor.answers.buttons.set("Download qwen2.5-coder-1.5b?", "Download");
    const memory = {
      keys: () => [...kept.keys()],
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => void kept.set(key, value),
    } as ModelOfferOptions["memory"];
    const settings = { isGiven: () => isGiven };
    const offer = new ModelOffer({ memory, settings, commands, models, log: { info: () => {} }, afterMs: 5 });
    const count = (): number => editor.shown.filter((text) => text.includes("can bear a better one")).length;
    const suggest = async (): Promise<number> => {
      offer.suggested();
      await pause(40);
      return count();
    };
    return { suggest, count, calls, editor, kept, offer };
  }

  it("comes once for ever, some while after the first suggestion and not before", async () => {
    const { suggest, count, kept } = await offered(ROOMY, "Not Now");
    await pause(40);
    assert.equal(count(), 0);
    assert.equal(await suggest(), 1);
    assert.equal(await suggest(), 1);
    const later = await offered(ROOMY, "Not Now", false, kept);
    assert.equal(await later.suggest(), 0);
  });

  it("uses the one of another tool, or downloads after the confirmation", async () => {
    const here = await offered(ROOMY, "Use the One in Ollama");
    await here.suggest();
    const out = path.join(DATA, "coder-0.5b");
    assert.deepEqual(here.calls, [`install import /ollama/blobs/sha256-1 --out ${out}`, `use ${out}`]);
    const absent = reportOf().installed.slice(0, 1);
    const download = await offered({ ...ROOMY, installed: absent }, "Download (1.1 GB)");
    await download.suggest();
    assert.ok(download.editor.shown.some((text) => text.startsWith("information: Download qwen2.5-coder-1.5b?")));
    assert.deepEqual(download.calls[0], "install models get qwen2.5-coder-1.5b --yes");
  });

  it("does not come to who has chosen a model, where the folder is not trusted, or where the machine cannot bear one", async () => {
    assert.equal(await (await offered(ROOMY, undefined, true)).suggest(), 0);
    const untrusted = await offered(ROOMY, undefined);
    untrusted.editor.state.trusted = false;
    assert.equal(await untrusted.suggest(), 0);
    for (const change of [{ memoryBytes: 3e9 }, { ...ROOMY, freeBytes: 1e9 }]) {
      const { suggest, kept } = await offered(change, undefined);
      assert.equal(await suggest(), 0);
      // Another machine of the same person may bear one.
      assert.equal(kept.size, 0);
    }
  });

  it("waits for a window that is in front", async () => {
    const { suggest, editor, offer } = await offered(ROOMY, "Not Now");
    editor.state.focused = false;
    assert.equal(await suggest(), 0);
    offer.dispose();
  });
});

describe("a download that the end of a window broke off", () => {
  const NAME = "qwen2.5-coder-1.5b";
  /** Of a process that has ended. */
  const GONE = 2 ** 22 + 1;

  async function setUpBroken(kept: Map<string, unknown>) {
    const { editor, BrokenDownload } = await load();
    const downloads: string[] = [];
    const memory = {
      keys: () => [...kept.keys()],
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => void (value === undefined ? kept.delete(key) : kept.set(key, value)),
    } as BrokenDownloadOptions["memory"];
    const broken = new BrokenDownload({ memory, download: async ({ name }) => void downloads.push(name), afterMs: 5 });
    return { broken, editor, downloads };
  }

  it("is remembered while the window closes, and not once it is over", async () => {
    const kept = new Map<string, unknown>();
    const { broken } = await setUpBroken(kept);
    await assert.rejects(broken.during(NAME, () => Promise.reject(new Error("it failed"))));
    assert.equal(kept.size, 0);
    await broken.during(NAME, async () => broken.dispose());
    assert.deepEqual([...kept.values()], [{ name: NAME, pid: process.pid }]);
  });

  it("is offered once to go on with, not while another window downloads, and not where the folder is not trusted", async () => {
    const kept = new Map<string, unknown>([["lacuna.download.running", { name: NAME, pid: process.pid }]]);
    const running = await setUpBroken(kept);
    await pause(40);
    assert.equal(running.editor.shown.length, 0);
    kept.set("lacuna.download.running", { name: NAME, pid: GONE });
    const untrusted = await setUpBroken(kept);
    untrusted.editor.state.trusted = false;
    await pause(40);
    assert.equal(untrusted.editor.shown.length, 0);
    const { editor, downloads } = await setUpBroken(kept);
    editor.answers.buttons.set("was broken off", "Go On");
    await pause(40);
    assert.deepEqual([downloads, kept.size], [[NAME], 0]);
  });
});
