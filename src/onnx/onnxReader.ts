import Pbf from "pbf";
import { ELEMENT, type Element, type OnnxInitializer } from "./onnxModel.js";

interface Draft {
  name: string;
  element: Element | undefined;
  dims: number[];
  raw: Uint8Array | undefined;
  external: Record<string, string>;
}

/**
 * The constants of an .onnx file as `writeOnnx` writes it.
 *
 * Field numbers: onnx/onnx.proto of the ONNX project (Apache-2.0).
 */
export function readInitializers(bytes: Uint8Array): OnnxInitializer[] {
  const found: OnnxInitializer[] = [];
  new Pbf(bytes).readFields((field, _, model) => {
    if (field === 7)
      model.readMessage((inner, __, graph) => {
        if (inner === 5) found.push(initializerOf(graph.readMessage(readTensor, emptyDraft())));
      }, undefined);
  }, undefined);
  return found;
}

const emptyDraft = (): Draft => ({ name: "", element: undefined, dims: [], raw: undefined, external: {} });

function readTensor(field: number, tensor: Draft, pbf: Pbf): void {
  if (field === 1) tensor.dims.push(pbf.readVarint());
  else if (field === 2) tensor.element = elementOf(pbf.readVarint());
  else if (field === 8) tensor.name = pbf.readString();
  else if (field === 9) tensor.raw = pbf.readBytes();
  else if (field === 13) {
    const pair = { key: "", value: "" };
    pbf.readMessage((inner, into: typeof pair, entry) => {
      if (inner === 1) into.key = entry.readString();
      else if (inner === 2) into.value = entry.readString();
    }, pair);
    tensor.external[pair.key] = pair.value;
  }
}

function elementOf(number: number): Element | undefined {
  return (Object.keys(ELEMENT) as Element[]).find((name) => ELEMENT[name] === number);
}

function initializerOf({ name, element, dims, raw, external }: Draft): OnnxInitializer {
  const { location, offset, length } = external;
  const data = raw ?? { location, offset: Number(offset), bytes: Number(length) };
  return { name, element: element ?? "float32", dims, data };
}
