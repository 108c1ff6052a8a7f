/** Such as `2.4x`. */
export function times(ratio: number): string {
  return `${ratio.toFixed(1)}x`;
}

/**
 * How fast drafted decoding was, as far as the rounds agree: "2.1x as fast with drafts (1.9x to 2.2x round by round)", or "0.9x as fast
 * with drafts: slower than without, but not in every round (0.7x to 1.2x round by round)".
 *
 * @param range speed-ups of the round that gained least and of the one that gained most, where there were several
 */
export function gain(speedup: number, range: readonly [least: number, most: number] | undefined): string {
  const isEven = times(speedup) === times(1);
  const [least, most] = range ?? [speedup, speedup];
  const isMixed = speedup > 1 ? least < 1 : most > 1;
  const rounds = times(least) === times(most) ? [] : [`${times(least)} to ${times(most)} round by round`];
  if (isEven) return `As fast with drafts as without (${[times(speedup), ...rounds].join(", ")})`;
  const slower = speedup < 1 ? ": slower than without" : "";
  return `${times(speedup)} as fast with drafts${slower}${isMixed ? ", but not in every round" : ""}${rounds.map((each) => ` (${each})`).join("")}`;
}
