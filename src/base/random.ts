/** A source of chance. The same seed gives the same numbers on every machine. */
export interface Random {
  /** The next number, uniform in [0, 1), a multiple of 2^-32. */
  next(): number;
}

const DISCARDED = 12;

/**
 * A generator that passes its state through sfc32, its state filled from the seed by splitmix32.
 *
 * @param seed an integer; its low 32 bits count
 *
 * Source: C. Doty-Humphrey, PractRand (sfc32, 12 outputs discarded); S. Vigna, splitmix, in its 32-bit form.
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let index = 0; index < DISCARDED; index += 1) next();
  return { next };
}
