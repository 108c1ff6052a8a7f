import assert from "node:assert/strict";
import path from "node:path";
import { buildDecoderGraph } from "../../../src/convert/graph/decoderGraph.js";
import { GraphBuilder } from "../../../src/convert/graph/graphBuilder.js";
import type { DecoderRole } from "../../../src/convert/graph/graphSource.js";
import type { OnnxGraph } from "../../../src/onnx/onnxModel.js";
import { openCheckpoint } from "../../../src/convert/sources/openCheckpoint.js";
import { MatrixStore, WEIGHT_PLANS, type WeightPlan } from "../../../src/convert/weights/matrixStore.js";
import { WeightFile } from "../../../src/convert/weights/weightFile.js";
import { tinyCheckpoint, tinyTensors, withFolder, writeVariant } from "./checkpointFolder.js";
import { ggufOf, writeGguf } from "./ggufWriter.js";

/** The graph of the checkpoint in `source`. */
async function graphOf(role: DecoderRole, plan: WeightPlan, source = tinyCheckpoint): Promise<OnnxGraph> {
  const graphs: OnnxGraph[] = [];
  await withFolder(async (folder) => {
    const { checkpoint, close } = openCheckpoint(source);
    const file = new WeightFile(path.join(folder, "weights"));
    const builder = new GraphBuilder(new MatrixStore(file, async () => {}), plan);
    graphs.push(await buildDecoderGraph({ network: checkpoint.network, tensor: checkpoint.tensor, role }, builder));
    file.close();
    close();
  });
  return graphs[0];
}

/** Inputs of the head, and the table that tokens are looked up in. */
function headAndTable({ nodes }: OnnxGraph): { head: readonly string[]; table: string | undefined; bits: unknown } {
  const head = nodes.find(({ outputs }) => outputs[0] === "scores");
  const lookUp = nodes.find(({ op, inputs }) => op === "Gather" && inputs[1] === "tokens");
  return { head: head?.inputs.slice(1) ?? [], table: lookUp?.inputs[0], bits: head?.attributes.bits };
}

const SOURCES = ["tiny", "llama", "qwen3"].map((name) => path.resolve("test/parity/fixtures", name));

describe("graph of a checkpoint", () => {
  for (const plan of ["int8", "int4", "mixed", "stored"] as const) {
    it(`stores a tied embedding once, in 8 bits, with ${plan} weights`, async () => {
      const { head, table, bits } = headAndTable(await graphOf("verifier", plan));
      assert.deepEqual({ head, table, bits }, { head: ["embedding.codes", "embedding.scales"], table: "embedding.codes", bits: 8 });
    });
  }

  it("gives gate and up projections 4 bits and all else 8 where bits are mixed", async () => {
    const { nodes } = await graphOf("verifier", "mixed");
    const bits = nodes.flatMap(({ op, outputs, attributes }) =>
      op === "MatMulNBits" && /_0$|scores/.test(outputs[0]) ? [[outputs[0], attributes.bits]] : [],
    );
    assert.deepEqual(Object.fromEntries(bits), { qkv_0: 8, attention_0: 8, gate_0: 4, up_0: 4, transformed_0: 8, scores: 8 });
  });

  it("stores an untied head apart from the embedding", async () => {
    await withFolder(async (folder) => {
      writeVariant(folder, { config: { tie_word_embeddings: false }, tensors: { "lm_head.weight": tinyTensors()["model.embed_tokens.weight"] } });
      const { head, table } = headAndTable(await graphOf("verifier", "int8", folder));
      assert.equal(table, "embedding.codes");
      assert.ok(!head.includes("embedding.codes"));
    });
  });

  for (const plan of WEIGHT_PLANS) {
    it(`names every value once, reads none that nobody makes and uses each weight (${plan})`, async () => {
      for (const source of SOURCES) {
        for (const role of ["verifier", "diffuser"] as const) {
          const { nodes, initializers, inputs, outputs } = await graphOf(role, plan, source);
          const made = new Set([...inputs, ...initializers].map(({ name }) => name));
          assert.equal(made.size, inputs.length + initializers.length);
          for (const node of nodes) {
            for (const input of node.inputs) assert.ok(input === "" || made.has(input), `${node.op} reads ${input} before it is made`);
            for (const output of node.outputs) {
              assert.ok(output === "" || !made.has(output), `${output} is made twice`);
              made.add(output);
            }
          }
          for (const { name } of outputs) assert.ok(made.has(name), `${name} is not made`);
          const used = new Set(nodes.flatMap((node) => node.inputs));
          assert.deepEqual(
            initializers.map(({ name }) => name).filter((name) => !used.has(name)),
            [],
          );
        }
      }
    });
  }

  it("multiplies queries, keys and values apart where they are stored in different ways", async () => {
    await withFolder(async (folder) => {
      const gguf = ggufOf(tinyCheckpoint);
      const tensors = gguf.tensors.map((tensor) =>
        /attn_[qk]\.weight$/.test(tensor.name)
          ? { ...tensor, type: "Q4_0" as const, bytes: new Uint8Array((tensor.dims[0] / 32) * tensor.dims[1] * 18) }
          : tensor,
      );
      writeGguf(path.join(folder, "a.gguf"), { ...gguf, tensors });
      const apart = await graphOf("verifier", "stored", path.join(folder, "a.gguf"));
      const whole = await graphOf("verifier", "int4", path.join(folder, "a.gguf"));
      const products = ({ nodes }: OnnxGraph): string[] =>
        nodes.flatMap(({ op, outputs }) => (op === "MatMulNBits" && /^(q|k|v|qkv)_0$/.test(outputs[0]) ? outputs[0] : []));
      assert.deepEqual([products(apart), products(whole)], [["q_0", "k_0", "v_0"], ["qkv_0"]]);
    });
  });

  it("has a rotary table for the context and 512 positions more", async () => {
    const { initializers } = await graphOf("diffuser", "fp32");
    assert.deepEqual(
      initializers.filter(({ name }) => name === "cos" || name === "sin").map(({ dims }) => dims),
      [
        [640, 16],
        [640, 16],
      ],
    );
  });
});
