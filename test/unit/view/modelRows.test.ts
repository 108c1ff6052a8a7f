import assert from "node:assert/strict";
import path from "node:path";
import { CATALOGUE } from "../../../src/models/catalogue.js";
import { expectedCost } from "../../../src/models/expectedCost.js";
import type { ModelsReport } from "../../../src/models/modelsReport.js";
import { downloadQuestion, installProgress } from "../../../src/view/installWords.js";
import { folderName, freeName, modelRows, type ModelRow } from "../../../src/view/modelRows.js";
import { reportOf } from "./modelReports.js";

const BUNDLED = path.resolve("/extension/models");
const IDLE = { folder: BUNDLED, fillFolder: "", memoryBytes: undefined, tokensPerSecond: undefined };

const labels = (rows: readonly ModelRow[], section: ModelRow["section"]): string[] =>
  rows.filter((row) => row.section === section).map(({ label }) => label);
const rowOf = (rows: readonly ModelRow[], name: string): ModelRow => rows.find(({ label }) => label.endsWith(` ${name}`))!;

describe("the rows of the list of models", () => {
  it("are those that are here, the one in use ticked, those of other tools, and those to be had that are not installed", () => {
    const rows = modelRows(reportOf(), BUNDLED, IDLE);
    assert.deepEqual(labels(rows, "Installed"), ["$(check) small", "$(package) qwen2.5-coder-1.5b", "$(warning) broken"]);
    assert.deepEqual(labels(rows, "In the folders of other tools"), ["$(file-binary) coder:0.5b", "$(circle-slash) odd.gguf"]);
    const names = CATALOGUE.map(({ name }) => name).filter((name) => name !== "qwen2.5-coder-1.5b");
    assert.deepEqual(
      labels(rows, "To download").map((label) => label.split(" ")[1]),
      names,
    );
  });

  it("say size, memory, speed and licence of each: as measured of the one in use, of others by estimate", () => {
    const report = reportOf();
    const running = { ...IDLE, memoryBytes: 480e6, tokensPerSecond: 41.6 };
    const rows = modelRows(report, BUNDLED, running);
    assert.equal(rowOf(rows, "small").detail, "120 M · 103 MB · Apache-2.0 · 480 MB of memory now · 42 tokens/s, measured here");
    const { detail } = rowOf(rows, "qwen2.5-coder-1.5b");
    assert.match(detail, /^1\.5 B · 1\.60 GB · Apache-2\.0 · about \d\.\d\d GB of memory · about \d+ tokens\/s$/);
    assert.match(rowOf(rows, "coder:0.5b").detail, /^494 M · 491 MB \(Q4_K_M\) · apache-2\.0 · about \d+ MB of memory · about \d+ tokens\/s$/);
    assert.match(rowOf(rows, "qwen2.5-coder-7b").detail, /, more than there is/);
    assert.doesNotMatch(rowOf(rows, "qwen2.5-coder-0.5b").detail, /more than there is/);
  });

  it("say how soon text of a model comes, where that was measured", () => {
    const paceOf = (folder: string) => (folder === BUNDLED ? { keyMs: 20.4, jumpMs: 400 } : undefined);
    const rows = modelRows(reportOf(), BUNDLED, IDLE, paceOf);
    assert.match(rowOf(rows, "small").detail, / · text 20 ms after a key$/);
    assert.doesNotMatch(rowOf(rows, "qwen2.5-coder-1.5b").detail, /after a key/);
  });

  it("let an installed model that is not in use fill holes, and no longer", () => {
    const folder = path.resolve("/data/models/qwen2.5-coder-1.5b");
    const rows = modelRows(reportOf(), BUNDLED, IDLE);
    assert.deepEqual(rowOf(rows, "qwen2.5-coder-1.5b").fills, { name: "qwen2.5-coder-1.5b", folder, isOn: false });
    for (const name of ["small", "broken", "coder:0.5b", "qwen2.5-coder-3b"]) assert.equal(rowOf(rows, name).fills, undefined, name);
    const filling = rowOf(modelRows(reportOf(), BUNDLED, { ...IDLE, fillFolder: folder }), "qwen2.5-coder-1.5b");
    assert.equal(filling.description, "fills holes");
    assert.deepEqual([filling.fills?.isOn, filling.removal?.fills, filling.removal?.isInUse], [true, true, false]);
  });

  it("let the person's own models be removed, and none that is another's", () => {
    const rows = modelRows(reportOf(), BUNDLED, { ...IDLE, folder: path.resolve("/data/models/qwen2.5-coder-1.5b") });
    const removable = rows.flatMap(({ removal }) => (removal === undefined ? [] : [[removal.name, removal.bytes, removal.isInUse]]));
    assert.deepEqual(removable, [
      ["qwen2.5-coder-1.5b", 1.6e9, true],
      ["broken", 0, false],
      ["qwen2.5-coder-0.5b", 100e6, false],
    ]);
    assert.equal(rowOf(rows, "small").action.kind, "use");
    assert.match(rowOf(rows, "qwen2.5-coder-0.5b").description, /100 MB of it are here/);
  });

  it("show what files and tools say as nothing but text: no picture of the editor's, no link", () => {
    const foreign = "$(check) [a](command:b)";
    const report = reportOf();
    const [first, ...others] = report.installed;
    const verifier = { ...first.models[0], name: foreign, licence: foreign };
    const installed = [{ ...first, models: [verifier] }, ...others.map((each) => ({ ...each, name: foreign, problem: foreign }))];
    const found = report.found.map((each) => ({ ...each, label: foreign, facts: { ...each.facts, licence: foreign } }));
    const rows = modelRows({ ...report, installed, found }, BUNDLED, { ...IDLE, folder: path.resolve(`/else/${foreign}`) });
    for (const { label, description, detail } of rows) {
      assert.match(label, /^\$\([a-z-]+\) /);
      for (const text of [label.slice(label.indexOf(" ")), description, detail]) assert.doesNotMatch(text, /[$\]]\(/);
    }
    assert.equal(rows.filter(({ label }) => label.includes("command:b")).length, 6);
  });

  it("explain those that cannot be used or imported", () => {
    const rows = modelRows(reportOf(), BUNDLED, IDLE);
    for (const name of ["broken", "odd.gguf", "deepseek-coder-1.3b-base"]) assert.equal(rowOf(rows, name).action.kind, "explain", name);
    const { action } = rowOf(rows, "odd.gguf");
    assert.equal(action.kind === "explain" && action.text, "odd.gguf cannot be imported: it is a mixture of experts.");
  });

  it("hold a folder that a person has named and that lies elsewhere", () => {
    const rows = modelRows(reportOf(), BUNDLED, { ...IDLE, folder: path.resolve("/else/where") });
    assert.equal(rowOf(rows, "where").description, "in use · named by lacuna.modelsPath");
    assert.ok(labels(rows, "Installed").includes("$(package) small"));
  });
});

describe("the words of an installation", () => {
  it("state size, licence, free disk and memory before a download", () => {
    const entryOf = (report: ModelsReport, name: string): ModelsReport["catalogue"][number] => report.catalogue.find((each) => each.name === name)!;
    const report = reportOf();
    const question = downloadQuestion(entryOf(report, "qwen2.5-coder-1.5b"), report, 0);
    for (const said of [/1\.12 GB/, /Licence: Apache-2\.0\./, /Free on the disk: 50\.0 GB/, /GB of memory while/]) assert.match(question, said);
    assert.match(downloadQuestion(entryOf(report, "qwen2.5-coder-3b"), report, 1e9), /1\.00 GB of it are here already[\s\S]*no commercial use/);
    assert.match(downloadQuestion(entryOf(report, "qwen2.5-coder-7b"), report, 0), /more than the 6\.00 GB that this machine has/);
  });

  it("say how far it is, of everything, and never go back", () => {
    const at = (stage: "loading" | "checking" | "importing", done: number): number => {
      return installProgress({ stage, done, total: 100, note: "" }, true).share!;
    };
    const shares = [at("loading", 0), at("loading", 50), at("loading", 100), at("checking", 0), at("checking", 100), at("importing", 0)];
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.equal(at("importing", 100), 1);
    assert.equal(installProgress({ stage: "importing", done: 0.5, total: 1, note: "" }, false).share, 0.5);
    assert.deepEqual(installProgress({ stage: "waiting", done: 0, total: 0, note: "A pause." }, true), { message: "A pause.", share: undefined });
  });

  it("make a folder's name of whatever a model is called", () => {
    for (const [text, name] of [
      ["qwen2.5-coder:1.5b", "qwen2.5-coder-1.5b"],
      ["owner/Some Model.Q4_K_M.gguf", "Some-Model.Q4_K_M"],
      ["C:\\models\\My Model.GGUF", "My-Model"],
      ["..", "model"],
      ["模型", "model"],
    ]) {
      assert.equal(folderName(text), name);
    }
    assert.equal(freeName("a", ["a", "a-2"]), "a-3");
    assert.equal(freeName("b", ["a"]), "b");
  });
});

describe("the expected cost", () => {
  it("of a model that is imported counts its weights once", () => {
    const shape = { layers: 2, kvHeads: 1, headDim: 1, parameters: 1e9, bytes: 1e9 };
    assert.ok(expectedCost(shape, undefined, 1, 1).memoryBytes < expectedCost(shape).memoryBytes);
  });
});
