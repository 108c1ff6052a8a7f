const MIN_EXPECTED = 5;

/**
 * Whether counts are so far from what is expected that chance does it about once in a million (Pearson's test; cells
 * that expect fewer than 5 are pooled; the limit is Wilson and Hilferty's approximation at 4.75 standard deviations).
 *
 * @param expected probabilities by cell; a count in a cell that is not there is a deviation
 */
export function deviates(counts: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): boolean {
  let samples = 0;
  for (const [cell, count] of counts) {
    if (!((expected.get(cell) ?? 0) > 0)) return true;
    samples += count;
  }
  let statistic = 0;
  let cells = 0;
  let pooledCount = 0;
  let pooledExpected = 0;
  const add = (count: number, wanted: number): void => {
    statistic += (count - wanted) ** 2 / wanted;
    cells += 1;
  };
  for (const [cell, probability] of expected) {
    const count = counts.get(cell) ?? 0;
    const wanted = probability * samples;
    if (wanted >= MIN_EXPECTED) add(count, wanted);
    else {
      pooledCount += count;
      pooledExpected += wanted;
    }
  }
  if (pooledExpected >= MIN_EXPECTED) add(pooledCount, pooledExpected);
  const freedom = cells - 1;
  const spread = 2 / (9 * freedom);
  return statistic > freedom * (1 - spread + 4.75 * Math.sqrt(spread)) ** 3;
}
