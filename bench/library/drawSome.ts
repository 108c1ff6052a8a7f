import { createRandom } from "../../src/base/random.js";

/** `count` of `items`, chosen by `seed`, in their order; all of them without a count, or with one that is too large. */
export function drawSome<T>(items: readonly T[], count: number | undefined, seed: number): readonly T[] {
  if (count === undefined || count >= items.length) return items;
  const chosen = shuffled(
    items.map((item, index) => ({ item, index })),
    seed,
  ).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ item }) => item);
}

/** `items` in an order that `seed` decides. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = createRandom(seed);
  const keys = items.map((item) => ({ item, key: random.next() }));
  return keys.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
