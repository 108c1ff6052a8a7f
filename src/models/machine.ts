import os from "node:os";
import path from "node:path";

/** Where things lie on a machine. A value of its own, so that a test can describe a machine that it does not run on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** The machine that this program runs on, as `variables` describe it. */
export function thisMachine(variables: Machine["variables"]): Machine {
  const home = variables.HOME ?? variables.USERPROFILE;
  // An empty or relative one would mean the current folder, to the system as well as here.
  return { platform: process.platform, home: isGiven(home) && path.isAbsolute(home) ? home : os.userInfo().homedir, variables };
}

/** A variable's value; `otherwise` where it is not set or empty. */
export function variable({ variables }: Machine, name: string, otherwise: string): string {
  const value = variables[name];
  return isGiven(value) ? value : otherwise;
}

/** Folder that holds what programs keep for a person on this machine alone. */
export function localDataFolder(machine: Machine): string {
  const { platform, home } = machine;
  if (platform === "win32") return variable(machine, "LOCALAPPDATA", path.join(home, "AppData", "Local"));
  if (platform === "darwin") return path.join(home, "Library", "Application Support");
  return variable(machine, "XDG_DATA_HOME", path.join(home, ".local", "share"));
}

/** Folder of what programs can get again. */
export function cacheFolder(machine: Machine): string {
  const { platform, home } = machine;
  if (platform === "win32") return localDataFolder(machine);
  if (platform === "darwin") return path.join(home, "Library", "Caches");
  return variable(machine, "XDG_CACHE_HOME", path.join(home, ".cache"));
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
