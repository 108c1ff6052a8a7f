import os from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { CATALOGUE } from "../models/catalogue.js";
import { installedFolder, downloadsFolder } from "../models/dataFolder.js";
import { discoverModels } from "../models/discovery.js";
import { downloadedFiles } from "../models/downloads.js";
import { expectedCost, REFERENCE_READ_RATE, REFERENCE_SPEED } from "../models/expectedCost.js";
import { installedModel, installedModels } from "../models/installed.js";
import { thisMachine } from "../models/machine.js";
import { readRate } from "../models/readRate.js";
import type { Invocation, Invoke } from "./invocation.js";
import { getModel, type GetOptions } from "./modelsGet.js";
import { removeModel, type RemoveOptions } from "./modelsRemove.js";
import { showModels, type ModelsReport } from "./modelsReport.js";

/** `lacuna models ...`: which models there are, here and to be had; gets and removes them. */
export function addModels(program: Command, invoke: Invoke): void {
  const models = program
    .command("models")
    .description("list installed models, those that other tools have, and those that can be had; contacts nothing")
    .action(() => invoke(listModels));
  models
    .command("get")
    .description("download and install a model of the catalogue, or a file of the hub; the one command that uses the network")
    .argument("<name>", "name in the catalogue, or OWNER/REPOSITORY/FILE.gguf")
    .option("--yes", "do not ask, whatever the licence")
    .option("--no-import", "keep the file as it is, and do not install it")
    .action((name: string, options: GetOptions) => invoke((invocation) => getModel(invocation, name, options)));
  models
    .command("remove")
    .description("remove an installed model and its download; those of other tools are left alone")
    .argument("<name>", "name as `lacuna models` lists it")
    .option("--yes", "do not ask")
    .action((name: string, options: RemoveOptions) => invoke((invocation) => removeModel(invocation, name, options)));
}

async function listModels({ environment, globals, output }: Invocation): Promise<number> {
  const machine = thisMachine(environment.variables);
  const [folder, downloads] = [installedFolder(machine), downloadsFolder(machine)];
  const shipped = await installedModel(path.resolve(globals.models));
  const [installed, downloaded, { found, skipped }] = await Promise.all([
    installedModels(folder),
    downloadedFiles(downloads),
    discoverModels(machine),
  ]);
  const factor = readRate() / REFERENCE_READ_RATE;
  const report: ModelsReport = {
    folder,
    installed: shipped === undefined ? installed : [shipped, ...installed],
    downloaded,
    found,
    skipped,
    memoryBytes: os.totalmem(),
    catalogue: CATALOGUE.map((entry) => ({ ...entry, expected: expectedCost(entry, REFERENCE_SPEED, factor) })),
  };
  showModels(report, output);
  output.document(report);
  return 0;
}
