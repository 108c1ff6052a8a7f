import path from "node:path";
import type { Command } from "commander";
import { installedModel } from "../models/installed.js";
import { thisMachine } from "../models/machine.js";
import { LacunaError } from "../protocol/errors.js";
import { modelsReport } from "../models/modelsReport.js";
import { MODEL_OPTIONS, type Invocation, type Invoke } from "./invocation.js";
import { getModel, type GetOptions } from "./modelsGet.js";
import { removeModel, type RemoveOptions } from "./modelsRemove.js";
import { showModels } from "./modelsReport.js";

/** `lacuna models ...`: which models there are, here and to be had; gets and removes them. */
export function addModels(program: Command, invoke: Invoke): void {
  const models = program
    .command("models")
    .description("list installed models, those that other tools have, and those that can be had; contacts nothing")
    .action(() => invoke(listModels, ["threads", "device"]));
  models
    .command("get")
    .description("download and install a model of the catalogue, or a file of the hub; uses the network")
    .argument("<name>", "name in the catalogue, or OWNER/REPOSITORY/FILE.gguf")
    .option("--yes", "do not ask, whatever the licence")
    .option("--no-import", "keep the file as it is, and do not install it")
    .action((name: string, options: GetOptions) => invoke((invocation) => getModel(invocation, name, options), MODEL_OPTIONS));
  models
    .command("remove")
    .description("remove an installed model and its download; those of other tools are left alone")
    .argument("<name>", "name as `lacuna models` lists it")
    .option("--yes", "do not ask")
    .action((name: string, options: RemoveOptions) => invoke((invocation) => removeModel(invocation, name, options), MODEL_OPTIONS));
}

async function listModels({ environment, globals, output }: Invocation): Promise<number> {
  const { models } = globals;
  if ((await installedModel(path.resolve(models))) === undefined) {
    throw new LacunaError(
      "modelMissing",
      `${models} is no folder of models: it has no manifest.json.`,
      "Name a folder that `lacuna import` wrote, or none.",
    );
  }
  const report = await modelsReport(thisMachine(environment.variables), models);
  showModels(report, output, environment.command);
  output.document(report);
  return 0;
}
