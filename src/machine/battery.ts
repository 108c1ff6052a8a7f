import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";

const POWER_SUPPLIES = "/sys/class/power_supply";

/** Whether this machine runs on battery; false where the system does not tell. */
export async function isOnBattery(): Promise<boolean> {
  try {
    if (process.platform === "darwin") return (await promisify(execFile)("pmset", ["-g", "batt"])).stdout.includes("'Battery Power'");
    if (process.platform !== "linux") return false;
    const statuses = (await readdir(POWER_SUPPLIES)).map((name) => readFile(`${POWER_SUPPLIES}/${name}/status`, "utf8").catch(() => ""));
    return (await Promise.all(statuses)).some((status) => status.trim() === "Discharging");
  } catch {
    return false;
  }
}
