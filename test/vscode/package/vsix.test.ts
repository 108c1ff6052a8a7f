import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { filesOf } from "../../../src/protocol/manifest.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";
import { zipEntries } from "./zipEntries.js";

const LIMIT_BYTES = 150e6;
const RUNTIME = "extension/node_modules/onnxruntime-node/bin/napi-v6/";
const TARGETS = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64", "win32-arm64"];

const WANTED = [
  "extension/package.json",
  "extension/readme.md",
  "extension/LICENSE.txt",
  "extension/dist/extension.js",
  "extension/dist/engine.js",
  "extension/dist/server.js",
  "extension/dist/ThirdPartyNotices.txt",
  "extension/models/manifest.json",
  "extension/node_modules/onnxruntime-node/dist/index.js",
  "extension/node_modules/onnxruntime-common/dist/cjs/index.js",
];
const FRAME = ["extension.vsixmanifest", "[Content_Types].xml"];
const ROOTS = /^extension\/(package\.json|readme\.md|LICENSE\.txt|(dist|models|media|node_modules)\/.+)$/;
const FOREIGN = /\.(ts|map|py|vsix|safetensors)$|\.meta\.json$|\/(src|test|bench|training|\.ci|\.cache)\/|_providers_(cuda|tensorrt|shared)/i;
/** Sample sources of the walkthrough and the demo. */
const SAMPLE = /^extension\/media\//;

const isOurs = (name: string): boolean => ROOTS.test(name) && (SAMPLE.test(name) || !FOREIGN.test(name));

/** What is wrong with the names in a VSIX for `target`. */
function contentProblems(target: string, names: readonly string[]): string[] {
  const platform = `${RUNTIME}${target.replace("-", "/")}/`;
  const runtime = names.filter((name) => name.startsWith(RUNTIME));
  return [
    ...WANTED.filter((name) => !names.includes(name)).map((name) => `lacks ${name}`),
    ...names.filter((name) => !FRAME.includes(name) && !isOurs(name)).map((name) => `holds ${name}`),
    ...runtime.filter((name) => isOurs(name) && !name.startsWith(platform)).map((name) => `holds ${name}`),
    ...(runtime.some((name) => name === `${platform}onnxruntime_binding.node`) ? [] : ["lacks the binding"]),
    ...(runtime.some((name) => /\/(lib)?onnxruntime[^/]*\.(so\.1|dylib|dll)$/.test(name)) ? [] : ["lacks the runtime"]),
  ];
}

describe("the package", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-vsix-"));
  /** Whoever runs all suites makes the packages once. */
  const packages = process.env.LACUNA_TEST_PACKAGES ?? folder;
  before(() => {
    if (packages === folder) execFileSync(process.execPath, ["test/vscode/package/packAll.mjs", folder], { stdio: ["ignore", "ignore", "pipe"] });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const target of TARGETS) {
    it(`for ${target} holds one runtime, the models, and nothing of how it is made, in at most 150 MB`, () => {
      const file = path.join(packages, `${target}.vsix`);
      const entries = zipEntries(file);
      assert.deepEqual(
        contentProblems(
          target,
          entries.map(({ name }) => name),
        ),
        [],
      );
      assert.ok(statSync(file).size <= LIMIT_BYTES, `${statSync(file).size} bytes`);
      const sizes = new Map(entries.map(({ name, bytes }) => [name, bytes]));
      const { models } = parseManifest(readFileSync("models/manifest.json", "utf8"));
      const files = new Map(models.flatMap(filesOf).map(({ path: name, bytes }) => [name, bytes]));
      for (const [name, bytes] of files) assert.equal(sizes.get(`extension/models/${name}`), bytes, name);
    });
  }

  it("has a page that names no file which is not in it", () => {
    const names = new Set(zipEntries(path.join(packages, "linux-x64.vsix")).map(({ name }) => name));
    const page = readFileSync("dist/README.md", "utf8");
    const named = [...page.matchAll(/(?:src|srcset)="([^"]+)"|\]\((?!https:)([^)]+)\)/g)].map(([, picture, link]) => picture ?? link);
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter((name) => !names.has(`extension/${name}`)),
      [],
    );
  });

  it("is refused for a platform that has no runtime", () => {
    const command = ["package.mjs", "--target", "linux-riscv64", "--out", path.join(folder, "none.vsix")];
    assert.throws(() => execFileSync(process.execPath, command, { encoding: "utf8", stdio: "pipe" }), /no runtime for linux-riscv64/);
  });

  it("is refused for Macs with an Intel processor, with the reason", () => {
    const command = ["package.mjs", "--target", "darwin-x64", "--out", path.join(folder, "none.vsix")];
    assert.throws(() => execFileSync(process.execPath, command, { encoding: "utf8", stdio: "pipe" }), /no binary for Macs with an Intel processor/);
  });

  it("is for the platform it is made on unless told otherwise, as its help says", () => {
    const help = execFileSync(process.execPath, ["package.mjs", "--help"], { encoding: "utf8" });
    assert.ok(help.includes(`default: the one this runs on, ${process.platform}-${process.arch}`), help);
    for (const target of TARGETS) assert.ok(help.includes(target), target);
  });

  it("is refused with sources, tests, records, training, other platforms and providers, and without its parts", () => {
    const good = [...WANTED, `${RUNTIME}linux/x64/onnxruntime_binding.node`, `${RUNTIME}linux/x64/libonnxruntime.so.1`];
    assert.deepEqual(contentProblems("linux-x64", good), []);
    assert.deepEqual(contentProblems("linux-x64", [...good, "extension/media/demo/example.py"]), []);
    const foreign = [
      "extension/src/extension.ts",
      "extension/test/unit/a.js",
      "extension/bench/race.js",
      "extension/training/LOG.md",
      "extension/check.mjs",
      "extension/dist/extension.js.map",
      "extension/node_modules/typescript/test/a.js",
      `${RUNTIME}linux/arm64/onnxruntime_binding.node`,
      `${RUNTIME}linux/x64/libonnxruntime_providers_cuda.so`,
    ];
    for (const name of foreign) assert.deepEqual(contentProblems("linux-x64", [...good, name]), [`holds ${name}`]);
    for (const name of good)
      assert.equal(
        contentProblems(
          "linux-x64",
          good.filter((other) => other !== name),
        ).length,
        1,
        name,
      );
  });
});
