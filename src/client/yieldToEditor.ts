import os from "node:os";

/** Gives a child a low priority: typing comes before suggesting. */
export function yieldToEditor(pid: number, log: (line: string) => void = () => {}): void {
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (error) {
    log(`process ${pid} keeps its priority: ${String(error)}`);
  }
}
