const PAUSE_MS = 20;

/** Reads until `condition` holds of what was read, and returns that. @throws Error with what was last read, after `limitMs` */
export async function waitFor<T>(what: string, read: () => T | Promise<T>, condition: (value: T) => boolean, limitMs = 60_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (condition(value)) return value;
    if (performance.now() > end) throw new Error(`After ${limitMs / 1000} s ${what} is ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
