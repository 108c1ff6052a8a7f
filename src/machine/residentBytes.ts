import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Bytes of memory that a process holds; undefined where the system does not tell. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    if (process.platform === "linux") return kilobytes(/^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "latin1"))?.[1]);
    if (process.platform === "darwin") return kilobytes((await run("ps", ["-o", "rss=", "-p", String(pid)])).stdout);
    const { stdout } = await run("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]);
    return kilobytes(/"([\d.,\s]+) K"/.exec(stdout)?.[1].replaceAll(/\D/g, ""));
  } catch {
    return undefined;
  }
}

function kilobytes(text: string | undefined): number | undefined {
  const count = Number(text ?? Number.NaN);
  return Number.isFinite(count) ? count * 1024 : undefined;
}
