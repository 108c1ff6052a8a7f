import { bootstrapInterval, type Interval } from "./bootstrap.js";
import { median } from "../../src/base/median.js";

/** How numbers lie, one for each prompt. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** 95 %, of the median. */
  readonly interval: Interval;
  readonly count: number;
}

/**
 * The spread of `valueOf` over `items`; undefined for none. The interval draws groups, because prompts from one file are
 * not independent.
 */
export function spreadOf<T>(items: readonly T[], groupOf: (item: T) => string, valueOf: (item: T) => number): Spread | undefined {
  if (items.length === 0) return undefined;
  const groups = new Map<string, number[]>();
  for (const item of items) groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), valueOf(item)]);
  const values = [...groups.values()].flat();
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    interval: bootstrapInterval([...groups.values()], (sample) => median(sample.flat())),
    count: values.length,
  };
}
