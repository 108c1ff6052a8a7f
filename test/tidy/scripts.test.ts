import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import os from "node:os";
import path from "node:path";
import { isInstalled } from "../run/isInstalled.mjs";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: true; readonly version?: string }>>;
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

/** The packages that a program imports before it does anything, and those of the programs that it imports. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return [...readFileSync(file, "utf8").matchAll(/^import .*?"([^"]+)"/gm)].flatMap(([, name]) => {
    if (name.startsWith(".")) return packagesOf(path.join(path.dirname(file), name), seen);
    return name.startsWith("node:") || builtinModules.includes(name) ? [] : [name];
  });
}

describe("scripts of package.json", () => {
  const { scripts, dependencies } = json("package.json") as Readonly<Record<"scripts" | "dependencies", Readonly<Record<string, string>>>>;
  const unready = (command: string): string[] => {
    const [, program] = /^node ([\w.]+\.mjs)( [\w:]+)?$/.exec(command) ?? [];
    if (program === undefined || !existsSync(program)) return [command];
    return packagesOf(program).filter((name) => !Object.hasOwn(dependencies, name));
  };

  it("start with no other packages than those that the product runs with", () => {
    for (const [name, command] of Object.entries(scripts)) assert.deepEqual(unready(command), [], name);
  });

  it("are found out where they would need more", () => {
    for (const command of ["oxfmt .", "node --import tsx bench/main.ts", "node eslint.config.mjs"])
      assert.notDeepEqual(unready(command), [], command);
  });
});

describe("installed packages", () => {
  const lock = json("package-lock.json") as Lock;
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const install = (packages: Lock["packages"]): void =>
    writeFileSync(path.join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
  before(() => {
    mkdirSync(path.join(folder, "node_modules"));
    writeFileSync(path.join(folder, "package-lock.json"), JSON.stringify(lock));
  });

  it("are none in an empty folder", () => assert.equal(isInstalled(folder, { isToStart: true }), false));

  it("without those of development are enough to start with, and for nothing else", () => {
    install(Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true)));
    assert.equal(isInstalled(folder, { isToStart: true }), true);
    assert.equal(isInstalled(folder), false);
  });

  it("are all there when npm says so, and not in another version", () => {
    install(lock.packages);
    assert.equal(isInstalled(folder), true);
    install({ ...lock.packages, "node_modules/commander": { version: "0.0.0" } });
    assert.equal(isInstalled(folder), false);
  });
});
