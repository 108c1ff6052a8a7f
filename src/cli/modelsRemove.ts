import path from "node:path";
import { downloadsFolder, installedFolder } from "../models/dataFolder.js";
import { spokenBytes } from "../models/spoken.js";
import { downloadedFiles, removeDownload } from "../models/downloads.js";
import { findInstalled, installedModel, removeInstalled } from "../models/installed.js";
import { thisMachine } from "../models/machine.js";
import { LacunaError } from "../protocol/errors.js";
import { confirm } from "./confirm.js";
import type { Invocation } from "./invocation.js";

export interface RemoveOptions {
  readonly yes?: boolean;
}

/** `lacuna models remove NAME`: asks, then removes the installed model and its download. */
export async function removeModel({ environment, output }: Invocation, name: string, { yes = false }: RemoveOptions): Promise<number> {
  const machine = thisMachine(environment.variables);
  const [folder, downloads] = [installedFolder(machine), downloadsFolder(machine)];
  const downloaded = (await downloadedFiles(downloads)).filter((file) => file.name === name);
  const installed = await findInstalled(folder, name).catch(async (error: unknown) => {
    if (downloaded.length > 0) return undefined;
    const bundled = await installedModel(path.join(environment.distDir, "..", "models"));
    if (bundled === undefined || ![bundled, ...bundled.models].some((each) => each.name === name)) throw error;
    throw new LacunaError("modelUnknown", `${name} comes with Lacuna, and is not removed.`, "Remove one that you have installed.", error);
  });
  const bytes = [...(installed?.models ?? []), ...downloaded].reduce((sum, each) => sum + each.bytes, 0);
  const what = [...(installed === undefined ? [] : [installed.folder]), ...downloaded.map(({ path }) => path)];
  if (!yes && !(await confirm(`Remove ${what.join(" and ")} (${spokenBytes(bytes)})?`, environment))) {
    throw new LacunaError("notConfirmed", `${name} was not removed.`, "Answer y, or give --yes.");
  }
  if (installed !== undefined) await removeInstalled(folder, name);
  if (downloaded.length > 0) await removeDownload(downloads, name);
  output.line(`${name} is gone: ${spokenBytes(bytes)}.`);
  output.document({ removed: what, bytes });
  return 0;
}
