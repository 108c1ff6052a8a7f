import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { compileFunction } from "node:vm";

interface Manifest {
  readonly browser: string;
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

/** Loads the bundle as an editor in a browser does: with nothing but the editor's own interface in reach. */
function activated() {
  const commands = new Map<string, () => unknown>();
  const messages: string[] = [];
  const vscode = {
    window: { showInformationMessage: (text: string) => messages.push(text) },
    commands: { registerCommand: (id: string, run: () => unknown) => (commands.set(id, run), { dispose: () => commands.delete(id) }) },
    Disposable: { from: (...parts: { dispose: () => void }[]) => ({ dispose: () => parts.forEach((part) => part.dispose()) }) },
  };
  const module = { exports: {} as { activate?: (context: object) => void } };
  const load = (name: string): unknown => (name === "vscode" ? vscode : assert.fail(`it loads ${name}`));
  const bundle = readFileSync(path.resolve(manifest.browser), "utf8");
  compileFunction(bundle, ["module", "exports", "require"])(module, module.exports, load);
  const subscriptions: { dispose: () => void }[] = [];
  module.exports.activate?.({ subscriptions });
  return { commands, messages, subscriptions };
}

describe("the extension in a browser without a machine behind it", () => {
  it("has every command, and each says why it cannot run there", () => {
    const { commands, messages } = activated();
    for (const { command } of manifest.contributes.commands) commands.get(command)?.();
    assert.equal(messages.length, manifest.contributes.commands.length);
    assert.match(messages[0], /native program/);
  });

  it("takes its commands away when it ends", () => {
    const { commands, subscriptions } = activated();
    for (const each of subscriptions) each.dispose();
    assert.equal(commands.size, 0);
  });
});
