/** Element types of ONNX tensors, with their numbers in the format. */
export const ELEMENT = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type Element = keyof typeof ELEMENT;
export const ELEMENT_BYTES: Readonly<Record<Element, number>> = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8 };

export type Attribute = number | { readonly float: number } | readonly number[];
export interface OnnxNode {
  readonly op: string;
  readonly domain: "" | "com.microsoft";
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}
/** A dimension is a number or a name for one that is known at run time. */
export interface OnnxValue {
  readonly name: string;
  readonly element: Element;
  readonly dims: readonly (number | string)[];
  readonly isSequence?: boolean;
}
/** A constant: its bytes, or where they lie in the external data file. */
export interface OnnxInitializer {
  readonly name: string;
  readonly element: Element;
  readonly dims: readonly number[];
  readonly data: Uint8Array | { readonly location: string; readonly offset: number; readonly bytes: number };
}
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** The key-value caches of layers as inputs or outputs: `past_key_3`, `past_value_3`, ..., each [1, kvHeads, capacity, headDim]. */
export function cacheValues(
  kind: "past" | "present",
  layers: readonly number[],
  { kvHeads, headDim }: { readonly kvHeads: number; readonly headDim: number },
): OnnxValue[] {
  return layers.flatMap((layer) =>
    ["key", "value"].map((part): OnnxValue => ({ name: `${kind}_${part}_${layer}`, element: "float32", dims: [1, kvHeads, "capacity", headDim] })),
  );
}
