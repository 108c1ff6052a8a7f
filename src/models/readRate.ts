const BLOCK_BYTES = 32 * 2 ** 20;
const ROUNDS = 5;

/**
 * How fast one core of this machine reads memory, in bytes a second: the best of a few rounds, about 30 ms in all. Writing one token
 * takes as long as reading all weights does, so machines compare by it.
 */
export function readRate(): number {
  const [left, right] = [Buffer.alloc(BLOCK_BYTES, 1), Buffer.alloc(BLOCK_BYTES, 1)];
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    left.equals(right);
    best = Math.min(best, performance.now() - start);
  }
  return (2 * BLOCK_BYTES) / (best / 1000);
}
