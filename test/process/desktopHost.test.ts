import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { desktopHost } from "../vscode/editor/desktopHost.js";
import type { HostPlace } from "../vscode/editor/hostPlace.js";

/** Stands for a desktop editor: notes its arguments and settings, and runs the tests it is given. */
const PROGRAM = `#!${process.execPath}
const { readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const valueOf = (name) => args[args.indexOf(name) + 1];
const settings = JSON.parse(readFileSync(valueOf("--user-data-dir") + "/User/settings.json", "utf8"));
writeFileSync(process.env.NOTED, JSON.stringify({ args, settings }));
require(args.find((arg) => arg.startsWith("--extensionTestsPath=")).split("=")[1]).run();
`;
const COMMAND_LINE = `#!${process.execPath}
require("node:fs").writeFileSync(__dirname + "/installed.json", JSON.stringify(process.argv.slice(2)));
`;

interface Noted {
  readonly args: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

(process.platform === "win32" ? describe.skip : describe)("the extension host of a desktop editor", function () {
  this.timeout(60_000);
  let folder: string;
  const at = (...parts: string[]): string => path.join(folder, ...parts);
  const noted = (): Noted => JSON.parse(readFileSync(at("noted.json"), "utf8")) as Noted;

  /** @param body what the tests do */
  function place(body: string, more: Partial<HostPlace> = {}): HostPlace {
    writeFileSync(at("tests.cjs"), `exports.run = () => { ${body} };\n`);
    const env = { NOTED: at("noted.json") };
    return { workspace: folder, extension: at("extension"), tests: at("tests.cjs"), env, limitMs: 30_000, onLog: () => {}, ...more };
  }

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-fake-desktop-"));
    mkdirSync(at("bin"));
    for (const [file, text] of [
      ["code", PROGRAM],
      ["bin/code", COMMAND_LINE],
    ]) {
      writeFileSync(at(file), text);
      chmodSync(at(file), 0o755);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("opens the folder with a new profile of its own settings, and runs the tests beside the extension", async () => {
    assert.equal(await desktopHost(at("code"))(place("")), "it ended with code 0");
    const { args, settings } = noted();
    assert.equal(args[0], folder);
    assert.ok(args.includes(`--extensionDevelopmentPath=${at("extension")}`));
    assert.equal(settings["telemetry.telemetryLevel"], "off");
  });

  it("tells how the editor ended", async () => {
    assert.equal(await desktopHost(at("code"))(place("process.exit(3)")), "it ended with code 3");
    assert.equal(await desktopHost(at("code"))(place("setTimeout(() => {}, 3000)", { limitMs: 500 })), "it took longer than 0.5 s");
  });

  it("installs a package into the profile that the tests run in", async () => {
    await desktopHost(at("code"))(place("", { vsix: "/some/lacuna.vsix" }));
    const installed = JSON.parse(readFileSync(at("bin", "installed.json"), "utf8")) as string[];
    const { args } = noted();
    assert.equal(installed[installed.indexOf("--install-extension") + 1], "/some/lacuna.vsix");
    assert.equal(installed[installed.indexOf("--extensions-dir") + 1], args[args.indexOf("--extensions-dir") + 1]);
  });
});
