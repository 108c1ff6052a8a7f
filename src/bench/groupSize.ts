import { readdirSync, readFileSync } from "node:fs";

/** How many processes there are in a process group; 0 where the system does not tell (it does on Linux). */
export function groupSize(group: number): number {
  if (process.platform !== "linux") return 0;
  let size = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ");
      if (Number(fields[2]) === group) size += 1;
    } catch {
      // It has ended meanwhile.
    }
  }
  return size;
}
