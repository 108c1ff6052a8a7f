import os from "node:os";

/** What has to stay free for everything else on the machine when another model is loaded. */
const KEPT_BYTES = 1e9;

/** Bytes of memory that another model may take; not below 0. @param freeBytes default: as the system tells */
export function memoryToSpare(freeBytes = os.freemem()): number {
  return Math.max(0, freeBytes - KEPT_BYTES);
}
