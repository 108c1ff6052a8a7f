import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The packages that a lock file names, or npm's own record of what it has installed; none where there is no such file. */
function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

/** Whether npm has installed what the lock names in `folder`; what is optional depends on the platform. */
export function isInstalled(folder, { isToStart = false } = {}) {
  const installed = packagesOf(path.join(folder, "node_modules", ".package-lock.json"));
  const locked = Object.entries(packagesOf(path.join(folder, "package-lock.json")));
  return locked.every(
    ([name, { version, dev, optional, devOptional }]) =>
      name === "" || optional || devOptional || (isToStart && dev) || installed[name]?.version === version,
  );
}
