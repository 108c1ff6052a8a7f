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

/** A number of parameters as models are called by it. */
export function spokenParameters(parameters: number): string {
  return parameters < 1e9 ? `${Math.round(parameters / 1e6)} M` : `${(parameters / 1e9).toFixed(1)} B`;
}

/** How many a second. */
export function spokenRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
