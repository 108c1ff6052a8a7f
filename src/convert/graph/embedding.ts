import type { StoredTensor } from "../sources/checkpoint.js";
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
    addRows(graph, [weight], "tokens", hiddenSize);
    return tiedEmbedding ? (hidden) => Promise.resolve(graph.floatLinear("scores", hidden, weight)) : (hidden) => addHead(graph, hidden, head);
  }
  const matrix = await graph.store.blocks("embedding", embedding, 8, mostBlockOf(graph));
  addRows(graph, matrix.names, "tokens", hiddenSize);
  if (tiedEmbedding && graph.plan !== "rows") return (hidden) => Promise.resolve(graph.blockLinear("scores", hidden, matrix, hiddenSize));
  return (hidden) => addHead(graph, hidden, head);
}

/** Adds `embedded` [1, m, hidden]: the rows `ids` [1, m] of a matrix of floats, or of one in 8 bits with codes and scales. */
export function addRows(graph: GraphBuilder, [codes, scales]: readonly string[], ids: string, hiddenSize: number): string {
  if (scales === undefined) return graph.node("Gather", [codes, ids], "embedded", { axis: 0 });
  graph.node("Gather", [codes, ids], "embedding_codes", { axis: 0 });
  graph.node("Cast", ["embedding_codes"], "embedding_values", { to: 1 });
  graph.node("Sub", ["embedding_values", graph.float32("embedding_zero", [1], Float32Array.of(128))], "embedding_centred");
  graph.node("Gather", [scales, ids], "embedding_row_scales", { axis: 0 });
  graph.node("Unsqueeze", ["embedding_row_scales", graph.int64("embedding_axis", [-1])], "embedding_block_scales");
  graph.node("Mul", ["embedding_centred", "embedding_block_scales"], "embedding_blocks");
  return graph.node("Reshape", ["embedding_blocks", graph.int64("embedded_shape", [1, -1, hiddenSize])], "embedded");
}

/** Adds `scores`, the product with a head of its own: never in fewer than 8 bits. */
export async function addHead(graph: GraphBuilder, hidden: string, parts: readonly StoredTensor[]): Promise<string> {
  if (graph.plan === "fp32" || graph.plan === "rows") return graph.linear("scores", hidden, parts);
  return graph.blockLinear("scores", hidden, await graph.store.blocks("scores", parts, 8, mostBlockOf(graph)), parts[0].columns);
}

function mostBlockOf({ plan }: GraphBuilder): number | undefined {
  return plan === "stored" || plan === "rows" ? 32 : undefined;
}
