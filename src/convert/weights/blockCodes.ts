/** Rows of a weight matrix in blocks along the input dimension, as MatMulNBits of ONNX Runtime wants them. */
export interface BlockCodes {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** uint8 [rows, blocks, blockSize * bits / 8]; for 4 bits the lower nibble first */
  readonly packed: Uint8Array;
  /** [rows, blocks]; weight = (code - zero point) * scale */
  readonly scales: Float32Array;
  /** uint8 [rows, ceil(blocks / 2)], 4 bits each, the lower nibble first; absent: 2^(bits - 1) everywhere */
  readonly zeroPoints?: Uint8Array;
}
