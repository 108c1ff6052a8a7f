import { engineProcesses } from "../editor/engineProcesses.js";

const QUIET_MS = 3000;
/** Two clock ticks: what an engine at rest may take. */
export const REST_MS = 20;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Processor time that the engine takes while something happens, and in the second of quiet after it. Before it there is quiet too. */
export async function engineMsOf(work: () => Promise<unknown>): Promise<number> {
  const used = (): number => engineProcesses().reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  await pause(QUIET_MS);
  const before = used();
  await work();
  await pause(1000);
  return used() - before;
}
