import { readFileSync } from "node:fs";

/** Memory of a process, in megabytes of 2^20 bytes. */
export interface ProcessMemory {
  /** All that lies in memory, pages of mapped files included. */
  readonly residentMB: number;
  /** What the process alone has: no page of a file, which the system can drop and read again. Linux alone tells. */
  readonly ownMB?: number;
  /** The most that ever lay in memory. Linux alone tells. */
  readonly peakMB?: number;
}

/** The memory of this process. */
export function processMemory(): ProcessMemory {
  if (process.platform !== "linux") return { residentMB: Math.round(process.memoryUsage.rss() / 2 ** 20) };
  return memoryOf(readFileSync("/proc/self/status", "utf8"));
}

/** What `/proc/PID/status` says. */
export function memoryOf(status: string): ProcessMemory {
  const megabytes = (field: string): number => {
    const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
    return Math.round(Number(kilobytes) / 1024);
  };
  return { residentMB: megabytes("VmRSS"), ownMB: megabytes("RssAnon"), peakMB: megabytes("VmHWM") };
}
