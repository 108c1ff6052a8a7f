import assert from "node:assert/strict";
import type { CudaOptions, registerCuda } from "../../../src/host/cudaProvider.js";
import { loadHost } from "./loadHost.js";

interface Host {
  readonly registerCuda: typeof registerCuda;
  readonly LacunaError: new (code: string, sentence: string, remedy: string) => Error;
  readonly editor: typeof import("./modelsStub.js");
}

/** @param install what becomes of the installation */
async function setUp(install: () => string | undefined, platform = "linux-x64") {
  const host = await loadHost<Host>({ "host/cudaProvider": "registerCuda", "protocol/errors": "LacunaError" }, "modelsStub.ts");
  const calls: string[] = [];
  const commands: CudaOptions["commands"] = {
    install: async (name, args) => {
      calls.push(`${name}: ${args.join(" ")}`);
      return install();
    },
  };
  host.registerCuda({ commands, platform });
  return { ...host, calls, run: () => host.editor.commands.executeCommand("lacuna.getCuda") };
}

const QUESTION = "Download the CUDA provider?";

describe("the command that gets the CUDA provider", () => {
  it("downloads nothing before it has said what, from where, how much, and was told to", async () => {
    const { editor, calls, run } = await setUp(() => "/data/devices/cuda");
    await run();
    assert.deepEqual(calls, []);
    assert.match(editor.shown.join("\n"), /MIT License, from the Python package index: some 250 MB.*\n\n.*NVIDIA's driver/);
    editor.answers.buttons.set(QUESTION, "Download");
    await run();
    assert.deepEqual(calls, ["the CUDA provider: devices get cuda --yes"]);
    assert.ok(editor.ran.includes("lacuna.restartEngine"), "an engine finds it when it starts");
  });

  it("leaves the engine alone where it was cancelled, or failed with a remedy", async () => {
    const cancelled = await setUp(() => undefined);
    cancelled.editor.answers.buttons.set(QUESTION, "Download");
    await cancelled.run();
    const failed = await setUp(() => {
      throw new failed.LacunaError("diskFull", "The disk is full.", "Make room.");
    });
    failed.editor.answers.buttons.set(QUESTION, "Download");
    await failed.run();
    assert.ok(failed.editor.shown.includes("error: The disk is full. Make room."));
    for (const { editor } of [cancelled, failed]) assert.ok(!editor.ran.includes("lacuna.restartEngine"));
  });

  it("is in the palette where the provider is to be had", async () => {
    for (const [platform, isThere] of [
      ["linux-x64", true],
      ["linux-arm64", false],
      ["win32-x64", false],
    ] as const) {
      const { editor } = await setUp(() => undefined, platform);
      assert.deepEqual(editor.contexts.get("lacuna.canGetCuda"), isThere, platform);
    }
  });
});
