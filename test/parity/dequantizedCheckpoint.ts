import { blockSizeFor, dequantize, quantize } from "../../src/convert/weights/quantize.js";
import { float32Tensor, tinyTensors, writeVariant } from "../unit/convert/checkpointFolder.js";

/**
 * Writes the tiny checkpoint with each matrix replaced by what its quantized form stands for: the embedding, which is
 * the head too, in 8 bits, the others in `bits`. Blocks run along rows, so q, k and v may be quantized one by one.
 */
export function writeDequantized(folder: string, bits: 4 | 8): void {
  const matrices = Object.entries(tinyTensors()).filter(([, { shape }]) => shape.length === 2);
  const tensors = Object.fromEntries(
    matrices.map(([name, { shape, bytes }]) => {
      const [rows, columns] = shape;
      const matrix = quantize(new Float32Array(bytes.buffer as ArrayBuffer), name === "model.embed_tokens.weight" ? 8 : bits, blockSizeFor(columns));
      return [name, float32Tensor([rows, columns], dequantize(matrix, columns / matrix.blockSize))];
    }),
  );
  writeVariant(folder, { tensors });
}
