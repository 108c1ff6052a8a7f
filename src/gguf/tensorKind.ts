/** How values lie in a file: in blocks of `values` values and `bytes` bytes. */
interface BlockSize {
  readonly values: number;
  readonly bytes: number;
}

/**
 * The types that the import reads.
 *
 * Source: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h, the structs block_q4_0 to block_q6_K.
 */
export const TENSOR_TYPES = {
  F32: { values: 1, bytes: 4 },
  F16: { values: 1, bytes: 2 },
  BF16: { values: 1, bytes: 2 },
  Q4_0: { values: 32, bytes: 18 },
  Q4_1: { values: 32, bytes: 20 },
  Q5_0: { values: 32, bytes: 22 },
  Q5_1: { values: 32, bytes: 24 },
  Q8_0: { values: 32, bytes: 34 },
  Q4_K: { values: 256, bytes: 144 },
  Q5_K: { values: 256, bytes: 176 },
  Q6_K: { values: 256, bytes: 210 },
} as const satisfies Record<string, BlockSize>;

export type TensorType = keyof typeof TENSOR_TYPES;

/** Whether it is the name of a type that the import reads. */
export function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(TENSOR_TYPES, name);
}

/** Bytes of `values` values, which are a whole number of blocks. */
export function bytesOf(type: TensorType, values: number): number {
  const layout = TENSOR_TYPES[type];
  return (values / layout.values) * layout.bytes;
}

/** A type as a file numbers it, whether it is read or not. */
export interface TensorKind extends BlockSize {
  readonly name: string;
}

const read = (name: TensorType): TensorKind => ({ name, ...TENSOR_TYPES[name] });
const other = (name: string, values: number, bytes: number): TensorKind => ({ name, values, bytes });

/**
 * The kinds by number; those that are not read too, so that a refusal can name them.
 *
 * Source: https://github.com/ggml-org/ggml/blob/master/include/ggml.h, `ggml_type`.
 */
export const TENSOR_KINDS: ReadonlyMap<number, TensorKind> = new Map([
  [0, read("F32")],
  [1, read("F16")],
  [2, read("Q4_0")],
  [3, read("Q4_1")],
  [6, read("Q5_0")],
  [7, read("Q5_1")],
  [8, read("Q8_0")],
  [9, other("Q8_1", 32, 36)],
  [10, other("Q2_K", 256, 84)],
  [11, other("Q3_K", 256, 110)],
  [12, read("Q4_K")],
  [13, read("Q5_K")],
  [14, read("Q6_K")],
  [15, other("Q8_K", 256, 292)],
  [16, other("IQ2_XXS", 256, 66)],
  [17, other("IQ2_XS", 256, 74)],
  [18, other("IQ3_XXS", 256, 98)],
  [19, other("IQ1_S", 256, 50)],
  [20, other("IQ4_NL", 32, 18)],
  [21, other("IQ3_S", 256, 110)],
  [22, other("IQ2_S", 256, 82)],
  [23, other("IQ4_XS", 256, 136)],
  [24, other("I8", 1, 1)],
  [25, other("I16", 1, 2)],
  [26, other("I32", 1, 4)],
  [27, other("I64", 1, 8)],
  [28, other("F64", 1, 8)],
  [29, other("IQ1_M", 256, 56)],
  [30, read("BF16")],
  [34, other("TQ1_0", 256, 54)],
  [35, other("TQ2_0", 256, 66)],
  [39, other("MXFP4", 32, 17)],
]);

/** What a kind is called, "type 99" where it is not known. */
export const kindName = (kind: number): string => TENSOR_KINDS.get(kind)?.name ?? `type ${kind}`;
