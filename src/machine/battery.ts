import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { isRunningOnBattery, type PowerSupply } from "./powerSupply.js";

const POWER_SUPPLIES = "/sys/class/power_supply";
/** Asks Windows whether the machine is plugged in; of several batteries any. Says nothing where there is none. */
const WINDOWS_QUESTION = "Get-CimInstance -Namespace root/wmi -ClassName BatteryStatus | Select-Object -ExpandProperty PowerOnline";

/** Whether this machine runs on battery; false where the system does not tell. */
export async function isOnBattery(): Promise<boolean> {
  try {
    if (process.platform === "darwin") return (await promisify(execFile)("pmset", ["-g", "batt"])).stdout.includes("'Battery Power'");
    if (process.platform === "win32") return isUnplugged((await askWindows()).stdout);
    return process.platform === "linux" && isRunningOnBattery(await powerSupplies(POWER_SUPPLIES));
  } catch {
    return false;
  }
}

function askWindows(): Promise<{ stdout: string }> {
  return promisify(execFile)("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", WINDOWS_QUESTION], { windowsHide: true });
}

/** What Windows answers: a line for each battery, True while power comes from outside. */
export function isUnplugged(answer: string): boolean {
  const lines = answer.split(/\s+/).filter((line) => line !== "");
  return lines.length > 0 && lines.every((line) => line.toLowerCase() === "false");
}

/** The power supplies that a folder of the Linux kernel describes. */
export async function powerSupplies(folder: string): Promise<PowerSupply[]> {
  const read = async (name: string, what: string): Promise<string> => (await readFile(path.join(folder, name, what), "utf8").catch(() => "")).trim();
  return Promise.all(
    (await readdir(folder)).map(async (name) => ({
      type: await read(name, "type"),
      scope: await read(name, "scope"),
      status: await read(name, "status"),
      online: await read(name, "online"),
    })),
  );
}
