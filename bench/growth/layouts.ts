import { checkedNetwork, type Network } from "../../src/convert/sources/network.js";

const CONTEXT_TOKENS = 8192;

const QWEN2: Pick<Network, "family" | "contextTokens" | "ropeTheta" | "normEpsilon" | "projectionBias" | "outputBias" | "headNorms"> = {
  family: "qwen2",
  contextTokens: CONTEXT_TOKENS,
  ropeTheta: 1e6,
  normEpsilon: 1e-6,
  projectionBias: true,
  outputBias: false,
  headNorms: false,
};
const LLAMA = { ...QWEN2, family: "llama", ropeTheta: 1e5, normEpsilon: 1e-5, projectionBias: false } as const;

/** Sizes of networks by name: those of config.json of the models that they are named after, and a tenth of the smallest of them. */
export const LAYOUTS: Readonly<Record<string, Network>> = Object.fromEntries(
  Object.entries<Network>({
    "12m": sized({ ...LLAMA, tiedEmbedding: true }, [256, 12, 4, 2, 64, 704, 8192]),
    "smollm2-135m": sized({ ...LLAMA, tiedEmbedding: true }, [576, 30, 9, 3, 64, 1536, 49_152]),
    "qwen2.5-0.5b": sized({ ...QWEN2, tiedEmbedding: true }, [896, 24, 14, 2, 64, 4864, 151_936]),
    "qwen2.5-1.5b": sized({ ...QWEN2, tiedEmbedding: true }, [1536, 28, 12, 2, 128, 8960, 151_936]),
    "qwen2.5-3b": sized({ ...QWEN2, tiedEmbedding: true }, [2048, 36, 16, 2, 128, 11_008, 151_936]),
    "qwen2.5-7b": sized({ ...QWEN2, tiedEmbedding: false }, [3584, 28, 28, 4, 128, 18_944, 152_064]),
  }).map(([name, network]) => [name, checkedNetwork(network)]),
);

type Sizes = readonly [hidden: number, layers: number, heads: number, kvHeads: number, headDim: number, intermediate: number, vocab: number];

function sized(
  rest: Omit<Network, "hiddenSize" | "layers" | "heads" | "kvHeads" | "headDim" | "intermediateSize" | "vocabSize">,
  sizes: Sizes,
): Network {
  const [hiddenSize, layers, heads, kvHeads, headDim, intermediateSize, vocabSize] = sizes;
  return { ...rest, hiddenSize, layers, heads, kvHeads, headDim, intermediateSize, vocabSize };
}
