import type { CatalogueEntry } from "../models/catalogue.js";
import type { BetterModel } from "../models/betterModel.js";
import type { ModelsReport } from "../models/modelsReport.js";
import { spokenBytes, spokenParameters } from "../models/spoken.js";
import type { CommandProgress } from "../protocol/commandProgress.js";

/** The shares of a download with its import that its stages end at; an import alone is all there is. */
const LOADED = 0.8;
const CHECKED = 0.85;

/** What a progress notification says. */
export interface InstallProgress {
  readonly message: string;
  /** Of everything, 0 to 1; undefined where it is as it was. */
  readonly share: number | undefined;
}

/** How far an installation is. @param isDownloaded whether it begins with a download */
export function installProgress({ stage, done, total, note }: CommandProgress, isDownloaded: boolean): InstallProgress {
  const part = total > 0 ? Math.min(1, done / total) : 0;
  const percent = `${Math.floor(100 * part)} %`;
  if (stage === "asking") return { message: "asking for the file", share: undefined };
  if (stage === "waiting") return { message: note, share: undefined };
  if (stage === "loading") return { message: `${spokenBytes(done)} of ${spokenBytes(total)}`, share: LOADED * part };
  if (stage === "checking") return { message: `checking, ${percent}`, share: LOADED + (CHECKED - LOADED) * part };
  return { message: `importing, ${percent}`, share: isDownloaded ? CHECKED + (1 - CHECKED) * part : part };
}

/** What a person should know before a download: size, licence, disk, memory. */
export function downloadQuestion(entry: ModelsReport["catalogue"][number], report: ModelsReport, loadedBytes: number): string {
  const { repository, file, bytes, isAbout, licence, expected } = entry;
  const left = loadedBytes > 0 && loadedBytes < bytes ? `; ${spokenBytes(loadedBytes)} of it are here already` : "";
  const memory = `It takes about ${spokenBytes(expected.memoryBytes)} of memory`;
  return [
    `${file} from ${repository} on the Hugging Face hub, ${isAbout ? "about " : ""}${spokenBytes(bytes)}${left}.`,
    `Licence: ${licence.name}.${licence.caution === "" ? "" : ` ${licence.caution}`}`,
    `Free on the disk: ${report.freeBytes === undefined ? "unknown" : spokenBytes(report.freeBytes)}. ` +
      `The file and the model made of it take about ${spokenBytes(2.5 * bytes)} for a while, then the file goes.`,
    expected.memoryBytes > report.memoryBytes
      ? `${memory}, more than the ${spokenBytes(report.memoryBytes)} that this machine has.`
      : `${memory} while it is in use.`,
  ].join("\n\n");
}

/** What a notification offers: a sentence, and a button for each way. */
export function offerWords({ found, entry }: BetterModel): { readonly sentence: string; readonly here: string; readonly download: string } {
  const model = found === undefined ? entry! : { name: found.label.split(", ")[0], parameters: found.facts.parameters };
  const what = `${model.name}, with ${spokenParameters(model.parameters)} parameters`;
  return {
    sentence:
      `Lacuna runs with the small model that comes with it. This machine can bear a better one, such as ${what}: ` +
      "it knows more, and takes longer to answer.",
    here: found === undefined ? "" : `Use the One in ${found.tool}`,
    download: entry === undefined ? "" : `Download (${spokenSize(entry)})`,
  };
}

const spokenSize = ({ bytes }: CatalogueEntry): string => (bytes < 1e9 ? spokenBytes(bytes) : `${(bytes / 1e9).toFixed(1)} GB`);
