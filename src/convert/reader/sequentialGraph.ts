import type { GraphBuilder } from "../graph/graphBuilder.js";
import type { OnnxGraph } from "../../onnx/onnxModel.js";
import { heldTensor, valuesOf } from "../sources/heldTensor.js";
import type { ReaderExport } from "./readerExport.js";

const HEAD_TOKENS = "head_tokens";

/**
 * The graph of the sequential head: what a decided token before a slot adds to the slot's scores, by a product of low rank.
 *
 * inputs   logits [n, classes], certainty [n], both as the reader's graph gives them · before [n], the class of the token before the
 *          slot; `classes` for a token that has none, `classes + 1` where that slot is undecided
 * outputs  no_copy · followed [n, classes] · sure [n]
 */
export async function buildSequentialGraph({ settings, tensor }: ReaderExport, graph: GraphBuilder): Promise<OnnxGraph> {
  const { network, headTokens, rank } = settings;
  const classes = headTokens.length + 1;
  graph.nodeOf("SequenceConstruct", ["before"], ["no_copy"], {}, "");
  const nothing = heldTensor("previous of nothing", rank, new Float32Array(rank));
  // In the order in which the manifest says that they lie in the file.
  graph.store.file.add(HEAD_TOKENS, "int32", [headTokens.length], Int32Array.from(headTokens));
  const previous = await graph.store.floats("previous", [tensor("previous", classes + 1, rank), nothing], [classes + 2, rank]);
  const following = await graph.store.floats("following", [tensor("following", classes, rank)], [classes, rank]);
  const confidence = valuesOf(tensor("confidence.weight", 1, network.hiddenSize + rank)).slice(network.hiddenSize);
  const vector = graph.node("Gather", [previous, "before"], "vector", { axis: 0 });
  graph.node("Add", ["logits", graph.floatLinear("added", vector, following)], "followed");
  const share = graph.floatLinear("share", vector, graph.float32("confidence_of_previous", [1, rank], confidence));
  graph.node("Add", ["certainty", graph.node("Reshape", [share, graph.int64("share_shape", [-1])], "share_rows")], "sure");
  return {
    name: `${network.family}_sequential`,
    nodes: graph.nodes,
    // The ids are the engine's.
    initializers: graph.initializers.filter(({ name }) => name !== HEAD_TOKENS),
    inputs: [
      { name: "logits", element: "float32", dims: ["n", classes] },
      { name: "certainty", element: "float32", dims: ["n"] },
      { name: "before", element: "int64", dims: ["n"] },
    ],
    outputs: [
      { name: "no_copy", element: "int64", dims: ["n"], isSequence: true },
      { name: "followed", element: "float32", dims: ["n", classes] },
      { name: "sure", element: "float32", dims: ["n"] },
    ],
  };
}
