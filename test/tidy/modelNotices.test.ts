import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { modelNoticesOf } from "../../notices.mjs";
import { bundledManifest, bundledModels } from "../models/bundledModels.js";

/** A models folder as far as notices are concerned. */
function folderOf(licence: string, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-notices-"));
  mkdirSync(path.join(folder, "verifier"));
  const model = { name: "small", licence, origin: "somebody", graph: { path: "verifier/model.onnx" } };
  writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ models: [model] }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, "verifier", name), text);
  return folder;
}

describe("the notices of models", () => {
  const folders: string[] = [];
  const noticesIn = (licence: string, files: Readonly<Record<string, string>>): string => {
    folders.push(folderOf(licence, files));
    return modelNoticesOf(folders.at(-1)!);
  };
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  it("hold the licence and the changes of each model that is not under this project's licence", () => {
    const notices = noticesIn("Apache-2.0", { NOTICE: "It was trained on.", LICENSE: "Apache License, Version 2.0" });
    assert.match(notices, /small\nLicence: Apache-2\.0\nsomebody\n\nIt was trained on\.\n\nApache License, Version 2\.0\n$/);
    assert.equal(noticesIn("MIT", {}), "");
  });

  it("are said once of models that lie beside each other", () => {
    const folder = folderOf("Apache-2.0", { NOTICE: "It was trained on.", LICENSE: "Apache License, Version 2.0" });
    folders.push(folder);
    const manifest = path.join(folder, "manifest.json");
    const { models } = JSON.parse(readFileSync(manifest, "utf8")) as { models: { name: string }[] };
    writeFileSync(manifest, JSON.stringify({ models: [models[0], { ...models[0], name: "its reader" }] }));
    assert.match(modelNoticesOf(folder), /small\nLicence[^]*its reader\nLicence[^]*trained on/);
    assert.equal(modelNoticesOf(folder).split("It was trained on.").length, 2);
  });

  it("are refused where either is missing", () => {
    for (const file of ["NOTICE", "LICENSE"])
      assert.throws(() => noticesIn("Apache-2.0", { [file]: "text" }), /small is under Apache-2\.0 and has no/);
  });

  it("are in what is shipped", () => {
    assert.ok(readFileSync("dist/ThirdPartyNotices.txt", "utf8").endsWith(modelNoticesOf("models")));
  });
});

describe("the cards of models", () => {
  it("stand beside each bundled model, and say its name, its licence and how many parameters it has", function () {
    // A folder that is only tried in its place has none.
    if (process.env.LACUNA_TEST_MODELS !== undefined) return;
    for (const { name, licence, parameters, graph } of bundledManifest().models) {
      const card = readFileSync(path.join(bundledModels, path.dirname(graph.path), "README.md"), "utf8");
      for (const said of [name, licence, `${(parameters / 1e6).toFixed(1)} million`]) assert.ok(card.includes(said), `${name}: ${said}`);
    }
  });
});
