import { spokenBytes, spokenParameters, spokenRate } from "../models/spoken.js";
import type { FoundModel } from "../models/discovery.js";
import type { DownloadedFile } from "../models/downloads.js";
import type { InstalledModel } from "../models/installed.js";
import type { ModelsReport } from "../models/modelsReport.js";
import { withCommandName } from "./commandName.js";
import type { Output } from "./output.js";
import { tableLines } from "./table.js";

const MAX_SKIPPED_SHOWN = 5;

/** Shows a report to people. @param command how the reader starts this program */
export function showModels(report: ModelsReport, output: Output, command: string): void {
  const { bold, dim } = output.colors;
  const typed = (text: string): string => withCommandName(text, command);
  const section = (title: string, remark: string, rows: readonly (readonly string[])[]): void => {
    output.line(`${bold(title)} ${dim(`(${remark})`)}`);
    for (const line of tableLines(rows)) output.line(`  ${line}`);
    output.line();
  };
  const none = (text: string): string[][] => [[text]];
  const installed = report.installed.flatMap(installedRows);
  const installedHeader = ["name", "model", "role", "weights", "parameters", "size", "folder"];
  section("Installed", `yours are in ${report.folder}`, installed.length > 0 ? [installedHeader, ...installed] : none("none"));
  if (report.downloaded.length > 0)
    section(
      "Downloaded",
      typed("import one with `lacuna import PATH`"),
      report.downloaded.map((file) => downloadedRow(file).map(typed)),
    );
  section(
    "In the folders of other tools",
    typed("import one with `lacuna import PATH`"),
    report.found.length > 0 ? report.found.map(foundRow) : none("none"),
  );
  for (const { path, why } of report.skipped.slice(0, MAX_SKIPPED_SHOWN)) output.note(`Passed over ${path}: it ${why}.`);
  if (report.skipped.length > MAX_SKIPPED_SHOWN) output.note(`${report.skipped.length - MAX_SKIPPED_SHOWN} more were passed over.`);
  const header = ["name", "parameters", "download", "memory", "writes", "reads", "licence", ""];
  const rows = report.catalogue.map((entry) => catalogueRow(entry, report.memoryBytes));
  section("To be had", typed("get one with `lacuna models get NAME`"), [header, ...rows]);
  output.note("Memory and speed are estimates for this machine, in tokens a second, without drafts.");
  for (const caution of new Set(report.catalogue.map(({ licence }) => licence.caution).filter((text) => text !== ""))) output.note(caution);
}

function installedRows({ name, folder, models, problem }: InstalledModel): string[][] {
  if (problem !== "") return [[name, `cannot be used: ${problem}`]];
  return models.map((model) => [name, model.name, model.role, model.weights, spokenParameters(model.parameters), spokenBytes(model.bytes), folder]);
}

function downloadedRow({ name, path, bytes, isWhole }: DownloadedFile): string[] {
  return [name, spokenBytes(bytes), isWhole ? path : `not whole yet: \`lacuna models get ${name}\` goes on with it`];
}

function foundRow({ tool, label, bytes, facts, path }: FoundModel): string[] {
  const { architecture, quantization, parameters, canFill, part, obstacle } = facts;
  const remarks = [
    ...(obstacle === "" ? [] : [`cannot be imported: ${obstacle}`]),
    ...(canFill || obstacle !== "" ? [] : ["has no tokens for filling in"]),
    ...(part === undefined ? [] : [`the first of ${part.count} files`]),
  ];
  return [tool, label, architecture, quantization, spokenParameters(parameters), spokenBytes(bytes), remarks.length > 0 ? remarks.join("; ") : path];
}

function catalogueRow(entry: ModelsReport["catalogue"][number], memory: number): string[] {
  const { name, parameters, bytes, isAbout, licence, remark, obstacle, expected } = entry;
  const { memoryBytes, msPerToken, promptTokensPerSecond } = expected;
  const warnings = [
    ...(obstacle === undefined ? [] : [`cannot be imported yet: ${obstacle}`]),
    ...(memoryBytes > memory ? ["needs more memory than this machine has"] : []),
  ];
  const speed = [perSecond(1000 / msPerToken), perSecond(promptTokensPerSecond)];
  return [
    name,
    spokenParameters(parameters),
    `${isAbout ? "about " : ""}${spokenBytes(bytes)}`,
    spokenBytes(memoryBytes),
    ...speed,
    licence.name,
    [...warnings, remark].join("; "),
  ];
}

const perSecond = (tokens: number): string => `${spokenRate(tokens)}/s`;
