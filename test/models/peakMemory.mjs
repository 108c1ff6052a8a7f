/** Loaded before a program: writes, as it ends, how much memory its process had at most. */
import { readFileSync } from "node:fs";

process.on("exit", () => {
  // Linux starts `maxRSS` with what the parent had.
  const [, kilobytes] = process.platform === "linux" ? /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8")) : [];
  process.stderr.write(`peak ${kilobytes ?? process.resourceUsage().maxRSS} kB\n`);
});
