import { addHead, addRows } from "../graph/embedding.js";
import type { GraphBuilder } from "../graph/graphBuilder.js";
import type { GraphSource } from "../graph/graphSource.js";
import { addFinalNorm, addLayers } from "../graph/layers.js";
import { cacheValues, type OnnxGraph } from "../../onnx/onnxModel.js";
import type { StoredTensor } from "../sources/checkpoint.js";
import { heldTensor, valuesOf } from "../sources/heldTensor.js";
import type { ImportedVerifier } from "./importedVerifier.js";
import type { ReaderExport } from "./readerExport.js";

/**
 * The graph of one pass over canvases behind the verifier's cache, whose positions from `past` on it overwrites.
 *
 * inputs   tokens [1, m], -1 where a slot is undecided · slots [1, m], the place in its canvas, 0 for the anchor · role [1] ·
 *          last [1, 1, hidden], what the verifier's head read for the token before the anchor · rows [n], the tokens whose scores are
 *          wanted · positions [1, m] · bias [1, 1, m, past + m] · seqlens_k [1] · total_length · past_key_i, past_value_i of the layers
 *          that are read
 * outputs  no_copy · logits [n, classes], before what the sequential head adds · certainty [n], likewise: the logit of the chance that
 *          the best class is right · states [n, hidden], where it writes one token a pass · present_key_i, present_value_i
 *
 * The embedding and the tables of positions are those of the verifier, in its file, beside which the graph must lie.
 */
export async function buildReaderGraph({ settings, tensor }: ReaderExport, verifier: ImportedVerifier, graph: GraphBuilder): Promise<OnnxGraph> {
  const { network, reads, slots, headTokens, rank, isAutoregressive } = settings;
  const { hiddenSize } = network;
  const classes = headTokens.length + 1;
  graph.nodeOf("SequenceConstruct", ["total_length"], ["no_copy"], {}, "");
  for (const name of ["cos", "sin"]) graph.take(verifier.constant(name));
  const input = await addCanvasInput(graph, verifier, tensor, hiddenSize, slots);
  const source: GraphSource = { network, role: "reader", tensor: (name, rows, columns) => ownTensor(name, rows, columns) };
  const last = await addLayers(graph, source, reads, input);
  const hidden = await addFinalNorm(graph, source, last);
  if (isAutoregressive) graph.node("Reshape", [hidden, graph.int64("states_shape", [-1, hiddenSize])], "states");
  const rows = verifier.headRows(headTokens, hiddenSize, network.tiedEmbedding);
  const scores = await addHead(graph, hidden, [rows, tensor("end", 1, hiddenSize)]);
  graph.node("Reshape", [scores, graph.int64("logits_shape", [-1, classes])], "logits");
  const confidence = valuesOf(tensor("confidence.weight", 1, hiddenSize + rank)).slice(0, hiddenSize);
  const sure = graph.floatLinear("sure", hidden, graph.float32("confidence", [1, hiddenSize], confidence));
  const bias = graph.float32("confidence_bias", [1], valuesOf(tensor("confidence.bias", 1, 1)));
  graph.node("Add", [graph.node("Reshape", [sure, graph.int64("certainty_shape", [-1])], "sure_rows"), bias], "certainty");
  return {
    name: `${network.family}_reader`,
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [
      { name: "tokens", element: "int64", dims: [1, "m"] },
      { name: "slots", element: "int64", dims: [1, "m"] },
      { name: "role", element: "int64", dims: [1] },
      { name: "last", element: "float32", dims: [1, 1, hiddenSize] },
      { name: "rows", element: "int64", dims: ["n"] },
      { name: "positions", element: "int64", dims: [1, "m"] },
      { name: "bias", element: "float32", dims: [1, 1, "m", "total"] },
      { name: "seqlens_k", element: "int32", dims: [1] },
      { name: "total_length", element: "int32", dims: [] },
      ...cacheValues("past", reads, network),
    ],
    outputs: [
      { name: "no_copy", element: "int32", dims: [], isSequence: true },
      { name: "logits", element: "float32", dims: ["n", classes] },
      { name: "certainty", element: "float32", dims: ["n"] },
      ...(isAutoregressive ? [{ name: "states", element: "float32" as const, dims: ["n", hiddenSize] }] : []),
      ...cacheValues("present", reads, network),
    ],
  };

  /** Layers by the number of the verifier layer that they read, as attention names its cache. */
  function ownTensor(name: string, rowCount: number, columns: number): StoredTensor {
    const [, read, rest] = /^model\.layers\.(\d+)\.(.*)$/.exec(name) ?? [];
    if (read === undefined) return heldTensor(name, columns, verifier.floats(name));
    return tensor(`layers.${reads.indexOf(Number(read))}.${rest}`, rowCount, columns);
  }
}

/** What the first layer reads: a token's map or the mask, slot and role, and the map of the verifier's last hidden state. */
async function addCanvasInput(
  graph: GraphBuilder,
  verifier: ImportedVerifier,
  tensor: ReaderExport["tensor"],
  hiddenSize: number,
  slots: number,
): Promise<string> {
  const { embedding } = verifier;
  for (const constant of embedding) graph.take(constant);
  const embedded = addRows(graph, embedding.map(({ name }) => name), "tokens", hiddenSize); // prettier-ignore
  const vectors = (name: string, rows: number): Promise<string> =>
    graph.store.floats(`${name}_vectors`, [tensor(name, rows, hiddenSize)], [rows, hiddenSize]);
  const undecided = graph.node("Less", ["tokens", graph.int64("first_id", [0])], "undecided");
  const isMask = graph.node("Unsqueeze", [undecided, graph.int64("mask_axis", [-1])], "is_mask");
  const mapped = await graph.linear("mapped", embedded, [tensor("input_map.weight", hiddenSize, hiddenSize)]);
  const shown = graph.node("Where", [isMask, await vectors("mask", 1), mapped], "shown");
  const slot = graph.node("Gather", [await vectors("slots", 1 + slots), "slots"], "slot", { axis: 0 });
  const role = graph.node("Gather", [await vectors("roles", 2), "role"], "role_vector", { axis: 0 });
  const placed = graph.node("Add", [graph.node("Add", [shown, slot], "shown_in_slot"), role], "placed");
  const brought = await graph.linear("brought", "last", [tensor("hidden_map.weight", hiddenSize, hiddenSize)]);
  return graph.node("Add", [placed, brought], "canvas_input");
}
