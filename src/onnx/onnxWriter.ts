import Pbf from "pbf";
import { ELEMENT, type Attribute, type OnnxGraph, type OnnxInitializer, type OnnxNode, type OnnxValue } from "./onnxModel.js";

const IR_VERSION = 10;
const OPSET_VERSION = 21;
const MICROSOFT_OPSET_VERSION = 1;
const EXTERNAL = 1;
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

/**
 * The bytes of an .onnx file.
 *
 * Field numbers: onnx/onnx.proto of the ONNX project (Apache-2.0).
 */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const pbf = new Pbf();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, "lacuna");
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(8, writeOpset, { domain: "", version: OPSET_VERSION });
  pbf.writeMessage(8, writeOpset, { domain: "com.microsoft", version: MICROSOFT_OPSET_VERSION });
  return pbf.finish();
}

function writeOpset(opset: { domain: string; version: number }, pbf: Pbf): void {
  pbf.writeStringField(1, opset.domain);
  pbf.writeVarintField(2, opset.version);
}

function writeGraph(graph: OnnxGraph, pbf: Pbf): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const initializer of graph.initializers) pbf.writeMessage(5, writeInitializer, initializer);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValue, output);
}

/** A message of a file: one node. */
export function writeNode(node: OnnxNode, pbf: Pbf): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.outputs.find((name) => name !== "") ?? "");
  pbf.writeStringField(4, node.op);
  for (const entry of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, entry);
  pbf.writeStringField(7, node.domain);
}

function writeAttribute([name, value]: [string, Attribute], pbf: Pbf): void {
  pbf.writeStringField(1, name);
  if (typeof value === "number") {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.int);
  } else if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.float);
  } else {
    for (const item of value) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.ints);
  }
}

/** A message of a file: one constant. */
export function writeInitializer(initializer: OnnxInitializer, pbf: Pbf): void {
  for (const dim of initializer.dims) pbf.writeVarintField(1, dim);
  pbf.writeVarintField(2, ELEMENT[initializer.element]);
  pbf.writeStringField(8, initializer.name);
  const { data } = initializer;
  if (data instanceof Uint8Array) {
    pbf.writeBytesField(9, data);
    return;
  }
  const entries = { location: data.location, offset: String(data.offset), length: String(data.bytes) };
  for (const entry of Object.entries(entries)) pbf.writeMessage(13, writeStringPair, entry);
  pbf.writeVarintField(14, EXTERNAL);
}

function writeStringPair([key, value]: [string, string], pbf: Pbf): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

/** A message of a file: the name and type of an input or output. */
export function writeValue(value: OnnxValue, pbf: Pbf): void {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, value.isSequence === true ? writeSequenceType : writeTensorType, value);
}

function writeSequenceType(value: OnnxValue, pbf: Pbf): void {
  pbf.writeMessage(4, (inner: OnnxValue, sequence) => sequence.writeMessage(1, writeTensorType, inner), value);
}

function writeTensorType(value: OnnxValue, pbf: Pbf): void {
  pbf.writeMessage(1, writeShapedElement, value);
}

function writeShapedElement({ element, dims }: OnnxValue, pbf: Pbf): void {
  pbf.writeVarintField(1, ELEMENT[element]);
  pbf.writeMessage(2, writeShape, dims);
}

function writeShape(dims: readonly (number | string)[], pbf: Pbf): void {
  for (const dim of dims) pbf.writeMessage(1, writeDimension, dim);
}

function writeDimension(dim: number | string, pbf: Pbf): void {
  if (typeof dim === "number") pbf.writeVarintField(1, dim);
  else pbf.writeStringField(2, dim);
}
