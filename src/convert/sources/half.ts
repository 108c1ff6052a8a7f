let table: Float32Array | undefined;

/**
 * All 65,536 IEEE binary16 values as 32-bit floats, by their bits. Computed once: looking up is the fastest way to
 * decode many of them.
 */
export function halfTable(): Float32Array {
  if (table !== undefined) return table;
  const values = new Float32Array(1 << 16);
  for (let bits = 0; bits < values.length; bits += 1) values[bits] = fromBinary16(bits);
  table = values;
  return values;
}

function fromBinary16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
