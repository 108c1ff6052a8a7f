import { readFileSync, readdirSync } from "node:fs";

/** Clock ticks of /proc are 10 ms on every Linux that editors run on. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** The engines that this process started, itself or through others, oldest first. Needs /proc. */
export function engineProcesses(): ProcessRow[] {
  const rows = allProcesses();
  const below = (pid: number): ProcessRow[] => rows.filter(({ parent }) => parent === pid).flatMap((row) => [row, ...below(row.pid)]);
  return below(process.pid)
    .filter(({ pid }) => commandOf(pid).includes("/dist/engine.js"))
    .sort((a, b) => a.pid - b.pid);
}

/** Processor time that all engines have had that run `program`, those included that windows share and that belong to none. In ms. Needs /proc. */
export function engineCpuMs(program: string): number {
  return allProcesses()
    .filter(({ pid }) => commandOf(pid).includes(program))
    .reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

function allProcesses(): ProcessRow[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readRow);
}

/** Nothing for a process that has gone meanwhile. */
function readRow(name: string): ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, "latin1");
    // The second field, the program's name in parentheses, may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, user, system, pages] = [1, 11, 12, 21].map((index) => Number(fields[index]));
    return [{ pid: Number(name), parent, cpuMs: (user + system) * TICK_MS, residentBytes: pages * PAGE_BYTES }];
  } catch {
    return [];
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
