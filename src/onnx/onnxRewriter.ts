import Pbf from "pbf";
import type { Attribute, OnnxInitializer, OnnxNode, OnnxValue } from "./onnxModel.js";
import { writeInitializer, writeNode, writeValue } from "./onnxWriter.js";

/** What becomes of a graph. */
export interface Rewriting {
  /** What stands in a node's place; undefined where it stays. */
  readonly replace: (node: OnnxNode) => readonly OnnxNode[] | undefined;
  /** What the new nodes read. */
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly keepsOutput: (name: string) => boolean;
}

const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const VARINT = 0;

/**
 * The bytes of an .onnx file as `writeOnnx` writes it, some of its nodes in another form. All else is copied.
 *
 * Field numbers: onnx/onnx.proto of the ONNX project (Apache-2.0).
 */
export function rewriteOnnx(bytes: Uint8Array, rewriting: Rewriting): Uint8Array {
  return copied(bytes, (field, message, out) => {
    if (field !== MODEL_GRAPH) return false;
    out.writeBytesField(field, rewrittenGraph(message, rewriting));
    return true;
  });
}

function rewrittenGraph(bytes: Uint8Array, { replace, initializers, inputs, keepsOutput }: Rewriting): Uint8Array {
  return copied(
    bytes,
    (field, message, out) => {
      if (field === GRAPH.output) return !keepsOutput(nameOf(message));
      const nodes = field === GRAPH.node ? replace(readNode(message)) : undefined;
      for (const node of nodes ?? []) out.writeMessage(GRAPH.node, writeNode, node);
      return nodes !== undefined;
    },
    (out) => {
      for (const initializer of initializers) out.writeMessage(GRAPH.initializer, writeInitializer, initializer);
      for (const input of inputs) out.writeMessage(GRAPH.input, writeValue, input);
    },
  );
}

/** Copies the fields of a message. @param handle whether it has written what stands for a field that is a message or text */
function copied(
  bytes: Uint8Array,
  handle: (field: number, message: Uint8Array, out: Pbf) => boolean,
  end: (out: Pbf) => void = () => {},
): Uint8Array {
  const out = new Pbf();
  new Pbf(bytes).readFields((field, _, pbf) => {
    if (pbf.type === VARINT) return void out.writeVarintField(field, pbf.readVarint());
    const message = pbf.readBytes();
    if (!handle(field, message, out)) out.writeBytesField(field, message);
  }, undefined);
  end(out);
  return out.finish();
}

/** The name of an input or output. */
function nameOf(bytes: Uint8Array): string {
  const found = { name: "" };
  new Pbf(bytes).readFields((field, into, pbf) => {
    if (field === 1) into.name = pbf.readString();
  }, found);
  return found.name;
}

function readNode(bytes: Uint8Array): OnnxNode {
  const attributes: Record<string, Attribute> = {};
  const node = { op: "", domain: "" as OnnxNode["domain"], inputs: [] as string[], outputs: [] as string[], attributes };
  // Pbf reads floats from the beginning of the memory that it is given a part of.
  new Pbf(bytes.slice()).readFields((field, into, pbf) => {
    if (field === 1) into.inputs.push(pbf.readString());
    else if (field === 2) into.outputs.push(pbf.readString());
    else if (field === 4) into.op = pbf.readString();
    else if (field === 5) pbf.readMessage(readAttribute, attributes);
    else if (field === 7) into.domain = pbf.readString() as OnnxNode["domain"];
  }, node);
  return node;
}

function readAttribute(field: number, into: Record<string, Attribute>, pbf: Pbf): void {
  // The name comes first, and the values after it.
  if (field === 1) into[pbf.readString()] = [];
  const name = Object.keys(into).at(-1) as string;
  if (field === 2) into[name] = { float: pbf.readFloat() };
  else if (field === 3) into[name] = pbf.readVarint(true);
  else if (field === 8) into[name] = [...(into[name] as number[]), pbf.readVarint(true)];
}
