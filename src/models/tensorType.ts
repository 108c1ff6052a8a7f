/** How a kind of tensor is stored: `elements` of it take `bytes`. */
export interface TensorType {
  readonly name: string;
  readonly elements: number;
  readonly bytes: number;
  /** Whether the import knows how to read it. */
  readonly isImportable: boolean;
}

const type = (name: string, elements: number, bytes: number, isImportable = false): TensorType => ({ name, elements, bytes, isImportable });

/** The kinds by number. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, `ggml_type`. */
export const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [0, type("F32", 1, 4, true)],
  [1, type("F16", 1, 2, true)],
  [2, type("Q4_0", 32, 18, true)],
  [3, type("Q4_1", 32, 20, true)],
  [6, type("Q5_0", 32, 22, true)],
  [7, type("Q5_1", 32, 24, true)],
  [8, type("Q8_0", 32, 34, true)],
  [10, type("Q2_K", 256, 84)],
  [11, type("Q3_K", 256, 110)],
  [12, type("Q4_K", 256, 144, true)],
  [13, type("Q5_K", 256, 176, true)],
  [14, type("Q6_K", 256, 210, true)],
  [16, type("IQ2_XXS", 256, 66)],
  [17, type("IQ2_XS", 256, 74)],
  [18, type("IQ3_XXS", 256, 98)],
  [19, type("IQ1_S", 256, 50)],
  [20, type("IQ4_NL", 32, 18)],
  [21, type("IQ3_S", 256, 110)],
  [22, type("IQ2_S", 256, 82)],
  [23, type("IQ4_XS", 256, 136)],
  [30, type("BF16", 1, 2, true)],
]);

/** What `general.file_type` says of a whole file, by number. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. */
export const FILE_TYPES: ReadonlyMap<number, string> = new Map([
  [0, "F32"],
  [1, "F16"],
  [2, "Q4_0"],
  [3, "Q4_1"],
  [7, "Q8_0"],
  [8, "Q5_0"],
  [9, "Q5_1"],
  [10, "Q2_K"],
  [11, "Q3_K_S"],
  [12, "Q3_K_M"],
  [13, "Q3_K_L"],
  [14, "Q4_K_S"],
  [15, "Q4_K_M"],
  [16, "Q5_K_S"],
  [17, "Q5_K_M"],
  [18, "Q6_K"],
  [30, "IQ4_XS"],
  [32, "BF16"],
]);
