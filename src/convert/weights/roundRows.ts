/**
 * Largest code. Kernels of processors without VNNI add products of two neighbours in 16 bits; within this range, half of
 * what 8 bits hold, they cannot overflow.
 */
const PEAK = 63;

/**
 * Rounds rows of a weight matrix to signed codes with one scale a row.
 *
 * @param data weights [rows, columns], row-major
 * @returns codes [rows, columns], scales [rows]; weight = code * scale
 */
export function roundRows(data: Float32Array, rows: number, columns: number): { codes: Int8Array; scales: Float32Array } {
  const codes = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const [from, to] = [row * columns, (row + 1) * columns];
    let peak = 0;
    for (let index = from; index < to; index += 1) peak = Math.max(peak, Math.abs(data[index]));
    scales[row] = peak / PEAK;
    const inverse = peak === 0 ? 0 : PEAK / peak;
    for (let index = from; index < to; index += 1) codes[index] = ((data[index] * inverse + (PEAK + 0.5)) | 0) - PEAK;
  }
  return { codes, scales };
}

/** Rows taken at once, so that what is read in steps of a row stays near. */
const TILE = 32;

/** Writes `codes` [rows, columns] into `target` [columns, allRows] as its columns from `first` on. */
export function transposeInto(codes: Int8Array, rows: number, columns: number, target: Int8Array, allRows: number, first: number): void {
  for (let tile = 0; tile < rows; tile += TILE) {
    const end = Math.min(rows, tile + TILE);
    for (let column = 0; column < columns; column += 1) {
      const to = column * allRows + first;
      for (let row = tile; row < end; row += 1) target[to + row] = codes[row * columns + column];
    }
  }
}
