import { createRandom } from "../../src/base/random.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/**
 * A 95 % interval of a statistic of groups, by the percentile bootstrap over groups.
 *
 * @param groups what is drawn with replacement: whole groups, because their members are not independent; at least one
 * @param statistic of a resample
 */
export function bootstrapInterval<T>(groups: readonly T[], statistic: (sample: readonly T[]) => number, seed = 1): Interval {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: RESAMPLES }, () =>
    statistic(Array.from(groups, () => groups[Math.floor(random.next() * groups.length)])),
  ).sort();
  return { low: values[Math.floor(0.025 * RESAMPLES)], high: values[Math.ceil(0.975 * RESAMPLES) - 1] };
}

/** The interval of the mean of `values`, drawn by `groupOf`. */
export function meanInterval<T>(items: readonly T[], groupOf: (item: T) => string, valueOf: (item: T) => number): Interval {
  const groups = new Map<string, { sum: number; count: number }>();
  for (const item of items) {
    const group = groups.get(groupOf(item)) ?? { sum: 0, count: 0 };
    group.sum += valueOf(item);
    group.count += 1;
    groups.set(groupOf(item), group);
  }
  return bootstrapInterval([...groups.values()], (sample) => {
    const total = sample.reduce((whole, { sum, count }) => ({ sum: whole.sum + sum, count: whole.count + count }), { sum: 0, count: 0 });
    return total.sum / total.count;
  });
}
