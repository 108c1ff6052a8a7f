import assert from "node:assert/strict";
import path from "node:path";
import { readQwen2Config } from "../../../src/convert/checkpoint.js";
import type { OnnxGraph } from "../../../src/convert/onnxModel.js";
import { buildQwen2Graph, type GraphSource } from "../../../src/convert/qwen2Graph.js";
import { Safetensors } from "../../../src/convert/safetensors.js";
import { WeightFile } from "../../../src/convert/weightFile.js";
import { tinyCheckpoint, tinyTensors, withFolder, writeVariant } from "./checkpointFolder.js";

/** The graph of the checkpoint in `source`. */
async function graphOf(settings: Pick<GraphSource, "role" | "format">, source = tinyCheckpoint): Promise<OnnxGraph> {
  const graphs: OnnxGraph[] = [];
  await withFolder((folder) => {
    const weights = new WeightFile(path.join(folder, "weights"));
    graphs.push(buildQwen2Graph({ config: readQwen2Config(source), tensors: Safetensors.open(source), ...settings }, weights));
    weights.close();
  });
  return graphs[0];
}

/** Inputs of the head, and the table that tokens are looked up in. */
function headAndTable({ nodes }: OnnxGraph): { head: readonly string[]; table: string | undefined; bits: unknown } {
  const head = nodes.find(({ outputs }) => outputs[0] === "scores");
  const lookUp = nodes.find(({ op, inputs }) => op === "Gather" && inputs[1] === "tokens");
  return { head: head?.inputs.slice(1) ?? [], table: lookUp?.inputs[0], bits: head?.attributes.bits };
}

describe("graph of a checkpoint", () => {
  for (const format of ["int8", "int4"] as const) {
    it(`stores a tied embedding once, in 8 bits, with ${format} weights`, async () => {
      const { head, table, bits } = headAndTable(await graphOf({ role: "verifier", format }));
      assert.deepEqual({ head, table, bits }, { head: ["embedding.codes", "embedding.scales"], table: "embedding.codes", bits: 8 });
    });
  }

  it("stores an untied head apart from the embedding", async () => {
    await withFolder(async (folder) => {
      writeVariant(folder, { config: { tie_word_embeddings: false }, tensors: { "lm_head.weight": tinyTensors()["model.embed_tokens.weight"] } });
      const { head, table } = headAndTable(await graphOf({ role: "verifier", format: "int8" }, folder));
      assert.equal(table, "embedding.codes");
      assert.ok(!head.includes("embedding.codes"));
    });
  });

  it("names every value once and reads none that nobody makes", async () => {
    for (const role of ["verifier", "diffuser"] as const) {
      const { nodes, initializers, inputs, outputs } = await graphOf({ role, format: "int4" });
      const made = [...inputs, ...initializers].map(({ name }) => name);
      for (const node of nodes) {
        for (const input of node.inputs) assert.ok(input === "" || made.includes(input), `${node.op} reads ${input} before it is made`);
        made.push(...node.outputs.filter((output) => output !== ""));
      }
      assert.equal(new Set(made).size, made.length);
      for (const { name } of outputs) assert.ok(made.includes(name), `${name} is not made`);
    }
  });

  it("has a rotary table for the context and 512 positions more", async () => {
    const { initializers } = await graphOf({ role: "diffuser", format: "fp32" });
    assert.deepEqual(initializers.filter(({ name }) => name === "cos" || name === "sin").map(({ dims }) => dims), [[640, 16], [640, 16]]);
  });

  it("uses each initializer", async () => {
    for (const role of ["verifier", "diffuser"] as const) {
      for (const format of ["fp32", "int8"] as const) {
        const { nodes, initializers } = await graphOf({ role, format });
        const used = new Set(nodes.flatMap(({ inputs }) => inputs));
        assert.deepEqual(initializers.map(({ name }) => name).filter((name) => !used.has(name)), []);
      }
    }
  });
});
