import path from "node:path";
import type { CatalogueEntry } from "../models/catalogue.js";
import type { ModelPace } from "../measure/modelPace.js";
import type { ExpectedCost } from "../models/expectedCost.js";
import type { ModelsReport } from "../models/modelsReport.js";
import { isSameFolder } from "../models/sameFolder.js";
import { spokenBytes, spokenParameters, spokenRate } from "../models/spoken.js";
import { asLabel } from "./asLabel.js";

/** What choosing a row does. */
export type ModelAction =
  /** Have the engine run a folder's models; "" stands for those that come with the extension. */
  | { readonly kind: "use"; readonly folder: string; readonly name: string }
  /** Import a file or folder, as an installed model of this name. */
  | { readonly kind: "import"; readonly source: string; readonly name: string }
  | { readonly kind: "get"; readonly entry: CatalogueEntry; readonly loadedBytes: number }
  /** It cannot be had: say why. */
  | { readonly kind: "explain"; readonly text: string };

/** A line of the list of models. */
export interface ModelRow {
  readonly section: "Installed" | "In the folders of other tools" | "To download";
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly action: ModelAction;
  /** What removing it removes; undefined where it is not the person's own. */
  readonly removal:
    | { readonly name: string; readonly what: string; readonly bytes: number; readonly isInUse: boolean; readonly fills: boolean }
    | undefined;
  /** Whether it fills holes beside the one in use; undefined where it cannot: it is that one, or is not here. */
  readonly fills?: { readonly name: string; readonly folder: string; readonly isOn: boolean } | undefined;
}

/** What runs now. */
export interface ModelInUse {
  readonly folder: string;
  /** Folder of the model that fills holes; "" where it is the same. */
  readonly fillFolder: string;
  /** As measured; undefined while nothing runs. */
  readonly memoryBytes: number | undefined;
  /** With drafts, as measured here; undefined until enough was. */
  readonly tokensPerSecond: number | undefined;
}

/**
 * The rows of the list of models: the one that comes with the extension first.
 *
 * @param bundledFolder the folder that `report` was asked to list first
 * @param paceOf how soon text of a folder's model came here; undefined where that was not measured
 */
export function modelRows(
  report: ModelsReport,
  bundledFolder: string,
  inUse: ModelInUse,
  paceOf: (folder: string) => ModelPace | undefined = () => undefined,
): ModelRow[] {
  const rows = report.installed.map((model) => installedRow(model, report, bundledFolder, inUse, paceOf(model.folder)));
  const isListed = report.installed.some(({ folder }) => isSameFolder(folder, inUse.folder));
  const other = isListed ? [] : [otherRow(inUse)];
  const installed = new Set(report.installed.filter(({ problem }) => problem === "").map(({ name }) => name));
  const found = report.found.map((model) => foundRow(model, report));
  const catalogue = report.catalogue.filter(({ name }) => !installed.has(name)).map((entry) => catalogueRow(entry, report));
  // Names, licences and reasons are what files and other tools say.
  return [...rows, ...other, ...found, ...catalogue].map((row) => ({
    ...row,
    ...{ description: asLabel(row.description), detail: asLabel(row.detail) },
  }));
}

const IN_USE = "in use";
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");

function installedRow(
  model: ModelsReport["installed"][number],
  report: ModelsReport,
  bundledFolder: string,
  inUse: ModelInUse,
  pace: ModelPace | undefined,
): ModelRow {
  const { folder, models, problem, expected } = model;
  const isBundled = isSameFolder(folder, bundledFolder);
  const isInUse = isSameFolder(folder, inUse.folder);
  const verifier = models.find(({ role }) => role === "verifier");
  const name = isBundled ? (verifier?.name ?? model.name) : model.name;
  const bytes = models.reduce((sum, each) => sum + each.bytes, 0);
  const downloaded = report.downloaded.filter((each) => each.name === name).reduce((sum, each) => sum + each.bytes, 0);
  const isFilling = inUse.fillFolder !== "" && isSameFolder(folder, inUse.fillFolder);
  const removal = { name, what: name, bytes: bytes + downloaded, isInUse, fills: isFilling };
  const cost = costWords(expected, report, isInUse ? inUse : undefined);
  return {
    section: "Installed",
    label: `${isInUse ? "$(check)" : problem === "" ? "$(package)" : "$(warning)"} ${asLabel(name)}`,
    description: joined(isInUse ? IN_USE : "", isFilling ? "fills holes" : "", isBundled ? "comes with Lacuna" : ""),
    detail:
      problem !== ""
        ? `It cannot be used: ${problem}`
        : joined(spokenParameters(verifier?.parameters ?? 0), spokenBytes(bytes), verifier?.licence ?? "", cost, paceWords(pace)),
    action:
      problem !== ""
        ? { kind: "explain", text: `${name} cannot be used: ${problem} Remove it, or import it again.` }
        : { kind: "use", folder: isBundled ? "" : folder, name },
    removal: isBundled ? undefined : removal,
    fills: isInUse || problem !== "" ? undefined : { name, folder, isOn: isFilling },
  };
}

/** A folder that a person has named, and that lies elsewhere. */
function otherRow({ folder, memoryBytes }: ModelInUse): ModelRow {
  return {
    section: "Installed",
    label: `$(check) ${asLabel(path.basename(folder))}`,
    description: `${IN_USE} · named by lacuna.modelsPath`,
    detail: joined(folder, memoryBytes === undefined ? "" : `${spokenBytes(memoryBytes)} of memory now`),
    action: { kind: "explain", text: `${folder} is in use: lacuna.modelsPath names it.` },
    removal: undefined,
  };
}

function foundRow({ tool, label, path: source, bytes, facts, expected }: ModelsReport["found"][number], report: ModelsReport): ModelRow {
  const { parameters, quantization, licence, obstacle, canFill, part } = facts;
  const name = folderName(label.split(", ")[0]);
  const installed = report.installed.find((model) => model.name === name && model.problem === "");
  return {
    section: "In the folders of other tools",
    label: `${obstacle === "" ? "$(file-binary)" : "$(circle-slash)"} ${asLabel(label)}`,
    description: joined(tool, installed === undefined ? "" : `installed as ${name}`),
    detail:
      obstacle !== ""
        ? `It ${obstacle}, and cannot be imported.`
        : joined(
            spokenParameters(parameters),
            `${spokenBytes(bytes)}${quantization === "" ? "" : ` (${quantization})`}`,
            licence === "" ? "states no licence" : licence,
            costWords(expected, report),
            canFill ? "" : "has no tokens for filling in",
            part === undefined ? "" : `the first of ${part.count} files`,
          ),
    action: obstacle === "" ? { kind: "import", source, name } : { kind: "explain", text: `${label} cannot be imported: it ${obstacle}.` },
    removal: undefined,
  };
}

function catalogueRow(entry: ModelsReport["catalogue"][number], report: ModelsReport): ModelRow {
  const { name, parameters, bytes, isAbout, licence, remark, obstacle, expected } = entry;
  const files = report.downloaded.filter((each) => each.name === name);
  const loadedBytes = files.reduce((sum, each) => sum + each.bytes, 0);
  const here = files.some(({ isWhole }) => isWhole) ? "downloaded, and not installed yet" : `${spokenBytes(loadedBytes)} of it are here`;
  return {
    section: "To download",
    label: `${obstacle === undefined ? "$(cloud-download)" : "$(circle-slash)"} ${name}`,
    description: joined(remark, files.length === 0 ? "" : here),
    detail:
      obstacle !== undefined
        ? `It ${obstacle}, and cannot be imported yet.`
        : joined(spokenParameters(parameters), `${isAbout ? "about " : ""}${spokenBytes(bytes)}`, licence.name, costWords(expected, report)),
    action:
      obstacle === undefined ? { kind: "get", entry, loadedBytes } : { kind: "explain", text: `${name} cannot be imported yet: it ${obstacle}.` },
    removal: files.length === 0 ? undefined : { name, what: `what was downloaded of ${name}`, bytes: loadedBytes, isInUse: false, fills: false },
  };
}

function paceWords(pace: ModelPace | undefined): string {
  return pace === undefined ? "" : `text ${Math.round(pace.keyMs)} ms after a key`;
}

/** Memory and speed: as measured, where they were, else as they are to be expected. */
function costWords(expected: ExpectedCost | undefined, report: ModelsReport, measured?: ModelInUse): string {
  return joined(memoryWords(expected, report, measured?.memoryBytes), speedWords(expected, measured?.tokensPerSecond));
}

function memoryWords(expected: ExpectedCost | undefined, report: ModelsReport, measuredBytes: number | undefined): string {
  if (measuredBytes !== undefined) return `${spokenBytes(measuredBytes)} of memory now`;
  if (expected === undefined) return "";
  return `about ${spokenBytes(expected.memoryBytes)} of memory${expected.memoryBytes > report.memoryBytes ? ", more than there is" : ""}`;
}

function speedWords(expected: ExpectedCost | undefined, measured: number | undefined): string {
  if (measured !== undefined) return `${spokenRate(measured)} tokens/s, measured here`;
  return expected === undefined ? "" : `about ${spokenRate(1000 / expected.msPerToken)} tokens/s`;
}

/** A text as the name of a folder. @param text a name, or the path of a file */
export function folderName(text: string): string {
  const name = text
    .replace(/^.*[/\\]/, "")
    .replace(/\.gguf$/i, "")
    .replaceAll(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return name === "" ? "model" : name;
}

/** `name`, or with the first number behind it that makes it one that is not taken. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let number = 2; taken.includes(free); number += 1) free = `${name}-${number}`;
  return free;
}
