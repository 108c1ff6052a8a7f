import path from "node:path";
import { Option, type Command } from "commander";
import { convertCheckpoint } from "../convert/convert.js";
import { addToManifest } from "../convert/manifestFile.js";
import { LacunaError } from "../protocol/errors.js";
import type { ManifestModel } from "../protocol/manifest.js";
import type { Invocation, Invoke } from "./invocation.js";

interface ImportOptions {
  readonly role: ManifestModel["role"];
  readonly weights: ManifestModel["weights"];
  readonly out: string;
  readonly name?: string;
  readonly licence: string;
  readonly origin?: string;
}

/** `lacuna import DIR --role R --out DIR`: converts a Hugging Face checkpoint into a model that the engine runs. */
export function addImport(program: Command, invoke: Invoke): void {
  program
    .command("import")
    .description("convert a Hugging Face checkpoint of the Qwen2 family")
    .argument("<dir>", "folder with config.json, safetensors and tokenizer.json")
    .addOption(new Option("--role <role>", "what the model is to be").choices(["verifier", "diffuser"]).makeOptionMandatory())
    .addOption(new Option("--weights <format>", "how weights are stored").choices(["int8", "int4", "fp32"]).default("int8"))
    .requiredOption("--out <dir>", "models folder to write into; a model of the same role there is replaced")
    .option("--name <name>", "name of the model (default: that of its folder)")
    .option("--licence <licence>", "licence of the weights", "unknown")
    .option("--origin <text>", "where the weights come from (default: the name of their folder)")
    .action((source: string, options: ImportOptions) => invoke((invocation) => importCheckpoint(invocation, source, options)));
}

async function importCheckpoint({ output }: Invocation, source: string, options: ImportOptions): Promise<number> {
  const { role, weights, licence } = options;
  const out = path.resolve(options.out);
  const folderName = path.basename(path.resolve(source));
  output.note(`Converting ${source} to ${weights}.`);
  const start = performance.now();
  const facts = { name: options.name ?? folderName, licence, origin: options.origin ?? folderName };
  const { model, roles } = writing(out, () => {
    const converted = convertCheckpoint({ source, out, role, weights, ...facts });
    const manifest = addToManifest(out, path.join(source, "tokenizer.json"), converted);
    return { model: converted, roles: manifest.models.map((entry) => entry.role) };
  });
  const ms = performance.now() - start;
  const size = `${(model.parameters / 1e6).toFixed(1)} M parameters, ${((model.graph.bytes + model.data.bytes) / 1e6).toFixed(1)} MB`;
  output.line(`${model.name} is in ${out}: ${role}, ${weights}, ${size}, ${(ms / 1000).toFixed(1)} s.`);
  const missing = roles.length === 2 ? "" : role === "verifier" ? "diffuser" : "verifier";
  if (missing !== "") output.note(`The folder needs a ${missing} too before the engine can load it.`);
  output.document({ model, out, roles, ms });
  return 0;
}

/** `write()`; an error of the file system becomes one that says where. @throws LacunaError `unreadableFile` */
function writing<T>(out: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const sentence = `The model cannot be written to ${out}: ${error.message}.`;
    throw new LacunaError("unreadableFile", sentence, "Check the folder, its permissions and the space left.", error);
  }
}
