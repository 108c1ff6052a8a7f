import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const PAUSE_MS = 100;

/**
 * Removes a folder that processes which are ending still write into. Every try lists it anew: the retries of Node's own
 * remove the emptied folder alone, and fail to the last over one file that appeared meanwhile.
 *
 * @throws Error of the last try, after `limitMs`
 */
export async function removeFolder(folder: string, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await pause(PAUSE_MS);
  }
}
