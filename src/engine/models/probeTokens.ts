/** A fixed sequence of ordinary tokens for tests and timing; which ones does not matter. @param vocabSize above 16 */
export function probeTokens(length: number, vocabSize: number): number[] {
  return Array.from({ length }, (_, index) => 16 + ((index * 7919) % (vocabSize - 16)));
}
