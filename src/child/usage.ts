import type { UsageResult } from "../protocol/messages.js";

/** What this process has used since it started. */
export function usage(): UsageResult {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
}
