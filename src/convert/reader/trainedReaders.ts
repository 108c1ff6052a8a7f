import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { isReaderExport, readReaderSettings } from "./readerExport.js";

/**
 * The exported reader, among the folders in `folder`, that was trained beside weights of this hash.
 *
 * @returns its folder; undefined where there is none
 * @throws LacunaError `checkpointUnusable` where one of them is damaged
 */
export function readerTrainedFor(sourceSha256: string, folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const exported = readdirSync(folder).map((name) => path.join(folder, name)).filter(isReaderExport); // prettier-ignore
  return exported.find((each) => readReaderSettings(each).verifierSha256 === sourceSha256);
}
