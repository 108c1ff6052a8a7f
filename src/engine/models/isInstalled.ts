import { access, readFile } from "node:fs/promises";
import path from "node:path";

/** What the loader of Linux knows of installed libraries, by name. Source: ldconfig(8), ld.so(8). */
const LOADER_CACHE = "/etc/ld.so.cache";
const ALWAYS_LOOKED_IN = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/** Whether the loader of Linux finds a library by its name alone, such as `libcuda.so.1`. Whether it can be loaded is seen by loading it. */
export async function isInstalled(library: string): Promise<boolean> {
  const cache = await readFile(LOADER_CACHE, "latin1").catch(() => "");
  // It holds paths; a name may be no more than the end of one.
  if (cache.includes(`/${library}\0`)) return true;
  const named = (process.env.LD_LIBRARY_PATH ?? "").split(/[:;]/).filter((folder) => folder !== "");
  const found = await Promise.all([...named, ...ALWAYS_LOOKED_IN].map((folder) => isThere(path.join(folder, library))));
  return found.includes(true);
}

/** Whether there is such a file or folder. */
export function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
