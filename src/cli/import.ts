import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { SingleBar } from "cli-progress";
import { Option, type Command } from "commander";
import { importCheckpoint } from "../convert/importCheckpoint.js";
import { importReader } from "../convert/importReader.js";
import type { Imported, ImportWatch } from "../convert/importWatch.js";
import { DISK_REMEDY } from "../convert/manifest/modelsFolder.js";
import { isReaderExport } from "../convert/reader/readerExport.js";
import { readerTrainedFor } from "../convert/reader/trainedReaders.js";
import { WEIGHT_PLANS, type WeightPlan } from "../convert/weights/matrixStore.js";
import { LacunaError } from "../protocol/errors.js";
import type { ManifestModel } from "../protocol/manifest.js";
import { installedFolder } from "../models/dataFolder.js";
import { thisMachine } from "../models/machine.js";
import { bytesOf, ownFiles } from "../models/installed.js";
import { spokenBytes } from "../models/spoken.js";
import { hasCode } from "../models/errorCode.js";
import { takeWorkLock, type WorkLock } from "../models/workLock.js";
import { readDocument } from "./document.js";
import type { Environment } from "./environment.js";
import { Interrupted } from "./interrupted.js";
import { MODEL_OPTIONS, type Invocation, type Invoke } from "./invocation.js";
import type { Output } from "./output.js";
import { systemFailure } from "./systemFailure.js";
import { folderOption, nameOption } from "./textOption.js";

/** Folder of the readers that come with Lacuna, in that of its models. */
const READERS = "readers";

/** How a source is imported. */
export interface ImportOptions {
  /** Default: a reader where the source is one, else a verifier. */
  readonly role?: ManifestModel["role"];
  readonly weights: "auto" | WeightPlan;
  /** Default: a folder of the source's name among the installed models. */
  readonly out?: string;
  readonly prompt?: string;
  readonly name?: string;
  readonly licence?: string;
  readonly origin?: string;
}

const WEIGHTS = `how weights are stored: rows, 8 bits a weight, fast at reading long prompts; stored, in the bits of a quantized file;
int8, int4, rounded in blocks; mixed, gate and up projections in 4 bits and the rest in 8; fp32;
auto: rows, or int8 where the source is not quantized; a reader as its verifier`;

/** `lacuna import SOURCE --out DIR`: makes a model that the engine runs out of a GGUF file or a Hugging Face folder. */
export function addImport(program: Command, invoke: Invoke): void {
  program
    .command("import")
    .description("make a model out of a GGUF file or a Hugging Face folder (Qwen2, Qwen3, Llama), or a reader out of its export")
    .argument("<source>", "a .gguf file, a folder with config.json, safetensors and tokenizer.json, or one with reader.json")
    .addOption(
      new Option("--role <role>", "what the model is to be (default: reader where the source is one, else verifier)").choices([
        "verifier",
        "diffuser",
        "reader",
      ]),
    )
    .addOption(new Option("--weights <format>", WEIGHTS).choices(["auto", ...WEIGHT_PLANS]).default("auto"))
    .addOption(
      new Option(
        "--out <dir>",
        "models folder to write into; a model of the same role there is replaced (default: among the installed models)",
      ).argParser(folderOption),
    )
    .option("--prompt <file>", "a lacuna.json that says how the model fills in the middle (default: the one beside the source)")
    .addOption(new Option("--name <name>", "name of the model (default: what it calls itself)").argParser(nameOption))
    .option("--licence <licence>", "licence of the weights (default: what the file says)")
    .option("--origin <text>", "where the weights come from (default: the name of the file or folder)")
    .action((source: string, options: ImportOptions) => invoke((invocation) => runImport(invocation, source, options), MODEL_OPTIONS));
}

/** Imports a source and says what became of it. @throws LacunaError; Interrupted at Ctrl-C, with nothing left behind */
export async function runImport({ output, environment }: Invocation, source: string, options: ImportOptions): Promise<number> {
  if (options.role === "reader" && !isReaderExport(source)) {
    throw new LacunaError("checkpointUnusable", `${source} is no reader: there is no reader.json in it.`, "Leave --role out.");
  }
  const out = path.resolve(options.out ?? installedPlace(source, environment));
  const settings = options.prompt === undefined ? undefined : await readDocument(options.prompt, environment.stdin);
  const interruption = new AbortController();
  const stopListening = environment.onInterrupt(() => interruption.abort(new Interrupted()));
  const lock = await takeLock(out).catch((error: unknown) => {
    stopListening();
    throw error;
  });
  output.note(`Importing ${source}.`);
  const start = performance.now();
  const { weights, name, licence, origin } = options;
  const role = options.role ?? (isReaderExport(source) ? "reader" : "verifier");
  const about = { source, out, weights, name, licence, origin };
  const write = async (watch: ImportWatch): Promise<readonly Imported[]> => {
    if (role === "reader") return [await importReader(about, watch)];
    const imported = await importCheckpoint({ ...about, role, settings }, watch);
    const reader = await importTrainedReader(imported.model, out, environment, watch);
    return reader === undefined ? [imported] : [imported, reader];
  };
  const signal = AbortSignal.any([interruption.signal, lock.lost]);
  const made = await withShare(output, (onProgress) => writing(out, { onProgress, signal }, write)).finally(async () => {
    await lock.release();
    stopListening();
  });
  const ms = performance.now() - start;
  const [{ model }, reader] = made;
  output.line(`${model.name} is in ${out}: ${role}, ${model.weights}, ${sizeOf(model)}, ${(ms / 1000).toFixed(1)} s.`);
  if (reader !== undefined) output.line(`With it the reader that Lacuna has for it: ${reader.model.weights}, ${sizeOf(reader.model)}.`);
  const { manifest } = made[made.length - 1];
  output.document({ model, out, roles: manifest.models.map((entry) => entry.role), ms });
  return 0;
}

function sizeOf(model: ManifestModel): string {
  return `${(model.parameters / 1e6).toFixed(1)} M parameters, ${spokenBytes(bytesOf(ownFiles(model)))}`;
}

/** The reader that comes with Lacuna for this verifier, where there is one, written beside it. */
async function importTrainedReader(
  model: ManifestModel,
  out: string,
  { distDir }: Environment,
  { signal }: ImportWatch,
): Promise<Imported | undefined> {
  if (model.role !== "verifier" || model.sourceSha256 === undefined) return undefined;
  const source = readerTrainedFor(model.sourceSha256, path.join(distDir, "..", "models", READERS));
  return source === undefined ? undefined : importReader({ source, out, weights: "auto" }, { signal });
}

function installedPlace(source: string, { variables }: Environment): string {
  return path.join(installedFolder(thisMachine(variables)), path.basename(path.resolve(source)).replace(/\.gguf$/i, ""));
}

/** Two that write into one folder would each remove what the other has begun. It lies elsewhere, so that a folder that is not written is not made. */
export function lockOf(out: string): string {
  return path.join(os.tmpdir(), `lacuna-import-${createHash("sha256").update(realPlace(out)).digest("hex").slice(0, 16)}.lock`);
}

/** A path without links, as far as it is there. */
function realPlace(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    const parent = path.dirname(place);
    return parent === place ? place : path.join(realPlace(parent), path.basename(place));
  }
}

/** @throws LacunaError `downloadBusy` while another process imports there; `unreadableFile` where temporary files have no place */
async function takeLock(out: string): Promise<WorkLock> {
  try {
    return await takeWorkLock(lockOf(out), `importing into ${out}`);
  } catch (error) {
    const refused = systemFailure(error);
    if (refused === undefined) throw error;
    const variable = process.platform === "win32" ? "TEMP" : "TMPDIR";
    const remedy = `Make room for temporary files in ${os.tmpdir()}, or name another folder for them in ${variable}.`;
    throw new LacunaError("unreadableFile", refused.message, remedy, error);
  }
}

/** Shows on stderr, where that is a terminal, what share of the work is done, and tells a program that listens. */
async function withShare<T>(output: Output, work: (onProgress: (share: number) => void) => Promise<T>): Promise<T> {
  const bar = new SingleBar({
    format: "{bar} {percentage} %",
    barCompleteChar: "=",
    barIncompleteChar: " ",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: output.stderr,
  });
  bar.start(1, 0);
  try {
    return await work((share) => {
      bar.update(share);
      output.progress({ stage: "importing", done: share, total: 1, note: "" });
    });
  } finally {
    bar.stop();
  }
}

/** `write(watch)`; an error of the file system becomes one that says where. @throws LacunaError `unreadableFile`, `diskFull` */
async function writing<T>(out: string, watch: ImportWatch, write: (watch: ImportWatch) => Promise<T>): Promise<T> {
  try {
    return await write(watch);
  } catch (error) {
    const refused = systemFailure(error, out);
    if (refused === undefined) throw error;
    const sentence = `The model cannot be written to ${out}. ${refused.message}`;
    if (hasCode(error, "ENOSPC")) throw new LacunaError("diskFull", sentence, DISK_REMEDY, error);
    throw new LacunaError("unreadableFile", sentence, refused.remedy, error);
  }
}
