import { readFileSync, writeFileSync } from "node:fs";

/** What a call asked of the memory, in bytes. */
export interface Memory {
  /** All bytes and floats that it asked for, given back or not, whether it touched them or not. */
  readonly asked: number;
  /** How much larger the process was at its largest than before; where the system does not say, than after. */
  readonly grown: number;
}

/** Calls `use`, which catches its own errors, and measures. */
export async function memoryOf(use: () => Promise<void>): Promise<Memory> {
  const peakOf = resetPeak();
  let asked = 0;
  const watched = <T extends abstract new (...args: never[]) => { byteLength: number; buffer: ArrayBufferLike }>(list: T): T =>
    new Proxy(list, {
      construct: (target, args, caller) => {
        const made = Reflect.construct(target as never, args, caller) as { byteLength: number };
        // A view of memory that is there already asks for none.
        if (!(args[0] instanceof ArrayBuffer)) asked += made.byteLength;
        return made;
      },
    });
  const real = { Uint8Array, Float32Array };
  Object.assign(globalThis, { Uint8Array: watched(Uint8Array), Float32Array: watched(Float32Array) });
  try {
    await use();
  } finally {
    Object.assign(globalThis, real);
  }
  return { asked, grown: peakOf() };
}

/** From now on the largest size of the process counts anew. @returns what says by how much it grew */
function resetPeak(): () => number {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    const before = statusOf("VmRSS");
    return () => statusOf("VmHWM") - before;
  } catch {
    const before = process.memoryUsage.rss();
    return () => process.memoryUsage.rss() - before;
  }
}

function statusOf(key: string): number {
  const [, kilobytes = "0"] = new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
