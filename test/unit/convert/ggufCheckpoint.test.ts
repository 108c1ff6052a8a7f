import assert from "node:assert/strict";
import path from "node:path";
import { openCheckpoint } from "../../../src/convert/sources/openCheckpoint.js";
import type { Checkpoint } from "../../../src/convert/sources/checkpoint.js";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";
import { tinyCheckpoint, unusableWith, withFolder } from "./checkpointFolder.js";
import { ggufOf, writeGguf, type Gguf, type Value } from "./ggufWriter.js";

const family = (name: string): string => path.resolve("test/parity/fixtures", name);

/** Opens the GGUF form of a folder, changed by `change`. */
async function opened(folder: string, use: (checkpoint: Checkpoint) => void, change: (gguf: Gguf) => Gguf = (gguf) => gguf): Promise<void> {
  await withFolder((out) => {
    const file = path.join(out, "a.gguf");
    writeGguf(file, change(ggufOf(folder)));
    const { checkpoint, close } = openCheckpoint(file);
    try {
      use(checkpoint);
    } finally {
      close();
    }
  });
}

const withMetadata =
  (metadata: Record<string, Value>) =>
  (gguf: Gguf): Gguf => ({ ...gguf, metadata: { ...gguf.metadata, ...metadata } });
const without =
  (key: string) =>
  (gguf: Gguf): Gguf => ({
    ...gguf,
    metadata: Object.fromEntries(Object.entries(gguf.metadata).filter(([name]) => name !== key)),
  });

describe("GGUF checkpoint", () => {
  for (const folder of [tinyCheckpoint, family("llama"), family("qwen3")]) {
    it(`holds the network and the weights of ${path.basename(folder)} in the order of a Hugging Face folder`, async () => {
      const { checkpoint: expected, close } = openCheckpoint(folder);
      await opened(folder, (actual) => {
        const { normEpsilon, ...sizes } = actual.network;
        const { normEpsilon: wanted, ...others } = expected.network;
        assert.deepEqual(sizes, others);
        assert.ok(Math.abs(normEpsilon / wanted - 1) < 1e-6);
        assert.deepEqual([...actual.tensorNames].sort(), [...expected.tensorNames].sort());
        for (const name of actual.tensorNames) {
          const [rows, columns] = shapeOf(actual, name);
          const [a, b] = [actual, expected].map((checkpoint) => {
            const tensor = checkpoint.tensor(name, rows, columns);
            // From the second row on, so that a head is read in parts.
            const from = Math.min(1, rows - 1);
            return decodeTensor(tensor.type, tensor.read(from, rows - from));
          });
          assert.deepEqual(a, b, name);
        }
      });
      close();
    });
  }

  it("takes the finer one of a tied matrix that is stored twice", async () => {
    const coarse = (gguf: Gguf): Gguf => {
      const embedding = gguf.tensors.find(({ name }) => name === "token_embd.weight");
      assert.ok(embedding !== undefined);
      const words = new Uint32Array(embedding.bytes.slice().buffer);
      const bytes = new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer);
      const others = gguf.tensors.filter(({ name }) => name !== "token_embd.weight");
      return { ...gguf, tensors: [{ ...embedding, type: "BF16", bytes }, { ...embedding, name: "output.weight" }, ...others] };
    };
    await opened(
      tinyCheckpoint,
      ({ network, tensor }) => {
        assert.equal(network.tiedEmbedding, true);
        assert.equal(tensor("model.embed_tokens.weight", network.vocabSize, network.hiddenSize).type, "F32");
      },
      coarse,
    );
  });

  it("keeps a head that is not the embedding", async () => {
    await opened(family("llama"), ({ network, tensorNames }) => {
      assert.equal(network.tiedEmbedding, false);
      assert.ok(tensorNames.includes("lm_head.weight"));
    });
  });

  const refused: { what: string; change: (gguf: Gguf) => Gguf; sentence: RegExp }[] = [
    { what: "another architecture", change: withMetadata({ "general.architecture": { text: "gemma" } }), sentence: /architecture "gemma"/ },
    {
      what: "scaled positions",
      change: withMetadata({ "llama.rope.scaling.type": { text: "yarn" } }),
      sentence: /llama\.rope\.scaling\.type = "yarn"/,
    },
    {
      what: "scaled positions in a tensor",
      change: (gguf) => ({ ...gguf, tensors: [...gguf.tensors, { name: "rope_freqs.weight", type: "F32", dims: [8], bytes: new Uint8Array(32) }] }),
      sentence: /rope_freqs/,
    },
    { what: "a sliding window", change: withMetadata({ "llama.attention.sliding_window": { u32: 512 } }), sentence: /sliding_window = 512/ },
    { what: "experts", change: withMetadata({ "llama.expert_count": { u32: 8 } }), sentence: /expert_count = 8/ },
    {
      what: "heads that are turned in part",
      change: withMetadata({ "llama.rope.dimension_count": { u32: 8 } }),
      sentence: /only a part of each head/,
    },
    { what: "values of another size", change: withMetadata({ "llama.attention.value_length": { u32: 32 } }), sentence: /another size than keys/ },
    { what: "a size that is missing", change: without("llama.block_count"), sentence: /no single number llama\.block_count/ },
    {
      what: "sizes that differ from layer to layer",
      change: withMetadata({ "llama.feed_forward_length": { i32s: [48, 64] } }),
      sentence: /no single number/,
    },
    { what: "a layer more than it has", change: withMetadata({ "llama.block_count": { u32: 3 } }), sentence: /no tensor model\.layers\.2/ },
    { what: "a layer less than it has", change: withMetadata({ "llama.block_count": { u32: 1 } }), sentence: /tensor model\.layers\.1.*no place/ },
    {
      what: "another kind of tokenizer",
      change: withMetadata({ "tokenizer.ggml.model": { text: "llama" } }),
      sentence: /tokenizer of the kind "llama"/,
    },
    {
      what: "an unknown way to cut text",
      change: withMetadata({ "tokenizer.ggml.pre": { text: "tekken" } }),
      sentence: /cuts text in the way "tekken"/,
    },
    { what: "no tokenizer", change: without("tokenizer.ggml.tokens"), sentence: /no tokenizer\.ggml\.tokens/ },
    {
      what: "fewer tokens than rows",
      change: withMetadata({ "tokenizer.ggml.tokens": { texts: ["a", "b"] } }),
      sentence: /2 tokens in its tokenizer and 288 rows/,
    },
    { what: "a merge that makes no token", change: withMetadata({ "tokenizer.ggml.merges": { texts: ["q q q"] } }), sentence: /merge "q q q"/ },
    {
      what: "a shape that is not the network's",
      change: (gguf) => ({
        ...gguf,
        tensors: gguf.tensors.map((tensor) => (tensor.name === "output_norm.weight" ? { ...tensor, dims: [16, 2] } : tensor)),
      }),
      sentence: /output_norm\.weight of shape \[16, 2\] instead of \[32\]/,
    },
  ];
  for (const { what, change, sentence } of refused) {
    it(`is refused for ${what}`, async () => {
      await assert.rejects(
        opened(family("llama"), () => {}, change),
        unusableWith(sentence),
      );
    });
  }
});

function shapeOf({ network }: Checkpoint, name: string): [rows: number, columns: number] {
  const { hiddenSize, heads, kvHeads, headDim, intermediateSize, vocabSize } = network;
  const shapes: [RegExp, [number, number]][] = [
    [/(embed_tokens|lm_head)\.weight$/, [vocabSize, hiddenSize]],
    [/q_proj\.weight$/, [heads * headDim, hiddenSize]],
    [/[kv]_proj\.weight$/, [kvHeads * headDim, hiddenSize]],
    [/q_proj\.bias$/, [1, heads * headDim]],
    [/[kv]_proj\.bias$/, [1, kvHeads * headDim]],
    [/o_proj\.weight$/, [hiddenSize, heads * headDim]],
    [/(gate|up)_proj\.weight$/, [intermediateSize, hiddenSize]],
    [/down_proj\.weight$/, [hiddenSize, intermediateSize]],
    [/[qk]_norm\.weight$/, [1, headDim]],
    [/norm\.weight$/, [1, hiddenSize]],
  ];
  const found = shapes.find(([pattern]) => pattern.test(name));
  assert.ok(found !== undefined, name);
  return found[1];
}
