import path from "node:path";
import { CATALOGUE, catalogueEntry, parseHubFile, type CatalogueEntry, type HubFile } from "../models/catalogue.js";
import { downloadsFolder, installedFolder } from "../models/dataFolder.js";
import { spokenBytes, spokenMs } from "../models/spoken.js";
import { removeDownload } from "../models/downloads.js";
import { downloadFromHub, type DownloadResult } from "../models/download.js";
import { hubSettings } from "../models/hubSettings.js";
import { installedModel } from "../models/installed.js";
import { thisMachine } from "../models/machine.js";
import { findSameFile } from "../models/sameFile.js";
import { LacunaError } from "../protocol/errors.js";
import { confirm } from "./confirm.js";
import { DownloadBar } from "./downloadBar.js";
import { runImport } from "./import.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation } from "./invocation.js";

export interface GetOptions {
  readonly yes?: boolean;
  /** Set unless `--no-import` was given. */
  readonly import: boolean;
}

/**
 * `lacuna models get NAME`: asks where there is something to know first, downloads, checks, imports, and removes the file once the
 * model is installed.
 */
export async function getModel(invocation: Invocation, name: string, options: GetOptions): Promise<number> {
  const { environment, output } = invocation;
  const file = parseHubFile(name) ?? catalogueEntry(name);
  const entry = CATALOGUE.find((each) => each.repository === file.repository && each.file === file.file);
  const folderName = entry?.name ?? path.posix.basename(file.file, ".gguf");
  const machine = thisMachine(environment.variables);
  const out = path.join(installedFolder(machine), folderName);
  const present = await installedModel(out);
  if (present !== undefined && present.problem === "" && options.import) {
    output.line(`${folderName} is installed already, in ${out}.`);
    output.document({ outcome: "installed", out });
    return 0;
  }
  await agree(file, entry, invocation, options);
  const controller = new AbortController();
  const stopListening = environment.onInterrupt(() => controller.abort());
  const result = await download(file, entry, folderName, controller.signal).finally(stopListening);
  if (result.outcome === "cancelled") {
    output.note("Interrupted. The same command goes on where it stopped.");
    output.document(result);
    return INTERRUPTED_EXIT_CODE;
  }
  const checked = `${result.path} is whole and right: ${spokenBytes(result.bytes)}, SHA-256 ${result.sha256}.`;
  if (!options.import) {
    output.line(checked);
    output.note(`Import it with: lacuna import ${quoted(result.path)} --out ${quoted(out)}`);
    output.document({ ...result, out });
    return 0;
  }
  output.note(checked);
  const facts = { name: folderName, origin: `${file.repository}/${file.file}`, ...(entry !== undefined && { licence: entry.licence.name }) };
  const code = await runImport(invocation, result.path, { role: "verifier", weights: "auto", out, ...facts });
  // The model does not need its file any more; one of another tool stays.
  await removeDownload(downloadsFolder(machine), folderName);
  output.note(`Use it with --models ${quoted(out)}, or as lacuna.modelsPath in the editor.`);
  return code;

  async function download(from: HubFile, known: CatalogueEntry | undefined, into: string, signal: AbortSignal): Promise<DownloadResult> {
    const bar = new DownloadBar(output);
    try {
      if (known?.sha256 !== undefined) {
        const here = await findHere({ bytes: known.bytes, sha256: known.sha256 });
        if (here !== undefined) return { outcome: "done", path: here, bytes: known.bytes, sha256: known.sha256, loadedBytes: 0 };
      }
      return await downloadFromHub(from, {
        folder: path.join(downloadsFolder(machine), into),
        settings: hubSettings(environment.variables),
        signal,
        findHere,
        onProgress: (progress) => bar.show(progress),
        onWait: ({ pauseMs, because }) => bar.wait(`${because} The next try is in ${spokenMs(pauseMs)}.`),
      });
    } catch (error) {
      if (signal.aborted) return { outcome: "cancelled" };
      throw error;
    } finally {
      bar.stop();
    }

    async function findHere(record: { bytes: number; sha256: string }): Promise<string | undefined> {
      const same = await findSameFile(machine, record, signal);
      if (same !== undefined) bar.note("Another tool has the same file: nothing is downloaded.");
      return same;
    }
  }
}

/** Says what there is to know of a model before it is got, and asks where that is more than a name. @throws LacunaError `notConfirmed` */
async function agree(
  file: HubFile,
  entry: CatalogueEntry | undefined,
  { environment, output }: Invocation,
  { yes = false }: GetOptions,
): Promise<void> {
  if (entry === undefined) {
    output.note(`${file.repository} is not in the catalogue: read its licence on the hub.`);
    return;
  }
  const { name, licence, obstacle = "" } = entry;
  const cautions = [licence.caution, obstacle === "" ? "" : `It ${obstacle}: this version cannot import it.`].filter((text) => text !== "");
  output.note([`${name}: ${licence.name}.`, ...cautions].join(" "));
  if (cautions.length === 0 || yes || (await confirm("Get it?", environment))) return;
  throw new LacunaError("notConfirmed", `${name} was not downloaded.`, "Answer y, or give --yes, once you have read this.");
}

const quoted = (text: string): string => (/^[\w.,:=@/\\+-]+$/.test(text) ? text : JSON.stringify(text));
