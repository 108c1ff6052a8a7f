/**
 * The logarithm of the chance that a text ends here, by any of `ends`.
 *
 * @param logits the row's from `offset` on, [vocabSize]
 * @param logSum natural logarithm of the row's softmax denominator: see `RowConfidence`
 */
export function endChance(logits: Float32Array, offset: number, logSum: number, ends: Iterable<number>): number {
  return logSumExp([...ends].map((end) => logits[offset + end])) - logSum;
}

/** ln of the sum of e^x; of one number, the number itself. */
function logSumExp(values: readonly number[]): number {
  const most = Math.max(...values);
  return values.length === 1 ? most : most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
