import assert from "node:assert/strict";
import path from "node:path";
import * as vscode from "vscode";

interface Manifest {
  readonly contributes: {
    readonly commands?: readonly { readonly command: string }[];
    readonly configuration?: { readonly properties: Readonly<Record<string, { readonly default?: unknown }>> };
  };
}

/** What the editors of the tests are told: see `USER_SETTINGS`. */
const OF_TESTS: Readonly<Record<string, unknown>> = { "lacuna.suggestions.appear": "often" };

describe("the extension", () => {
  const extension = vscode.extensions.getExtension("lacuna.lacuna");
  const { contributes } = extension?.packageJSON as Manifest;

  it("is the one under test: installed, or loaded from the repository", () => {
    const folder = path.basename(extension?.extensionPath ?? "");
    const isInstalled = /^lacuna\.lacuna-\d+\.\d+\.\d+/.test(folder);
    assert.equal(isInstalled, process.env.LACUNA_TEST_EXTENSION === "vsix", extension?.extensionPath);
  });

  it("activates without an error", async () => {
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it("registers each command of its manifest", async () => {
    const registered = await vscode.commands.getCommands(true);
    const contributed = (contributes.commands ?? []).map(({ command }) => command);
    assert.ok(contributed.length > 0);
    assert.deepEqual(
      contributed.filter((command) => !registered.includes(command)),
      [],
    );
  });

  it("has each setting of its manifest at its default", () => {
    for (const [key, { default: wanted }] of Object.entries(contributes.configuration?.properties ?? {})) {
      const found = vscode.workspace.getConfiguration().inspect(key);
      assert.deepEqual(found?.defaultValue, wanted, key);
      if (key === "lacuna.modelsPath" && process.env.LACUNA_TEST_MODELS !== undefined) continue;
      assert.equal(found?.globalValue, OF_TESTS[key], key);
    }
  });
});
