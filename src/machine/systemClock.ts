/** The process's own time. */
export const systemClock = {
  /** Milliseconds since the process started. */
  now: (): number => performance.now(),
  wait: (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)),
};
