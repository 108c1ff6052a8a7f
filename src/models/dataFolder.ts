import path from "node:path";
import { localDataFolder, variable, type Machine } from "./machine.js";

/** Folder of everything that Lacuna keeps for a person; the editor and the command line share it. LACUNA_DATA names another one. */
export function dataFolder(machine: Machine): string {
  return variable(machine, "LACUNA_DATA", path.join(localDataFolder(machine), "lacuna"));
}

/** Folder of the installed models: each is a folder in it with a manifest. */
export function installedFolder(machine: Machine): string {
  return path.join(dataFolder(machine), "models");
}

/** Folder of what was got for devices: in a folder of each, one for each version of the runtime. */
export function devicesFolder(machine: Machine): string {
  return path.join(dataFolder(machine), "devices");
}

/** Folder of what was downloaded: each model's file is in a folder of its name. */
export function downloadsFolder(machine: Machine): string {
  return path.join(dataFolder(machine), "downloads");
}
