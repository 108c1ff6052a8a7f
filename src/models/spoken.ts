/** A size as a person reads it. */
export function spokenBytes(bytes: number): string {
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 1)} GB`;
}

/** A time as a person says it. */
export function spokenMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} milliseconds`;
  if (Math.round(ms / 1000) === 1) return "1 second";
  if (ms < 120_000) return `${Math.round(ms / 1000)} seconds`;
  return `${Math.round(ms / 60_000)} minutes`;
}
