import type { GraphBuilder } from "./graphBuilder.js";
import type { GraphSource } from "./graphSource.js";

/**
 * Adds `embedded` [1, m, hidden]; returns what adds the head.
 *
 * A tied matrix is stored once, in 8 bits unless fp32. The exception are weights in rows: there the head takes the form
 * of the other matrices, and the embedding, of which a pass touches a few rows, stays on the disk in blocks.
 */
export async function addEmbedding(graph: GraphBuilder, { network, tensor }: GraphSource): Promise<(hidden: string) => Promise<string>> {
  const { vocabSize, hiddenSize, tiedEmbedding } = network;
  const embedding = [tensor("model.embed_tokens.weight", vocabSize, hiddenSize)];
  const head = tiedEmbedding ? embedding : [tensor("lm_head.weight", vocabSize, hiddenSize)];
  if (graph.plan === "fp32") {
    const weight = await graph.store.floats("embedding", embedding, [vocabSize, hiddenSize]);
    graph.node("Gather", [weight, "tokens"], "embedded", { axis: 0 });
    return tiedEmbedding
      ? (hidden) => Promise.resolve(graph.floatLinear("scores", hidden, weight))
      : (hidden) => graph.linear("scores", hidden, head);
  }
  const mostBlock = graph.plan === "stored" || graph.plan === "rows" ? 32 : undefined;
  const matrix = await graph.store.blocks("embedding", embedding, 8, mostBlock);
  const [codes, scales] = matrix.names;
  graph.node("Gather", [codes, "tokens"], "embedding_codes", { axis: 0 });
  graph.node("Cast", ["embedding_codes"], "embedding_values", { to: 1 });
  graph.node("Sub", ["embedding_values", graph.float32("embedding_zero", [1], Float32Array.of(128))], "embedding_centred");
  graph.node("Gather", [scales, "tokens"], "embedding_row_scales", { axis: 0 });
  graph.node("Unsqueeze", ["embedding_row_scales", graph.int64("embedding_axis", [-1])], "embedding_block_scales");
  graph.node("Mul", ["embedding_centred", "embedding_block_scales"], "embedding_blocks");
  graph.node("Reshape", ["embedding_blocks", graph.int64("embedded_shape", [1, -1, hiddenSize])], "embedded");
  if (graph.plan === "rows") return (hidden) => graph.linear("scores", hidden, head);
  if (tiedEmbedding) return (hidden) => Promise.resolve(graph.blockLinear("scores", hidden, matrix, hiddenSize));
  return async (hidden) => graph.blockLinear("scores", hidden, await graph.store.blocks("scores", head, 8, mostBlock), hiddenSize);
}
