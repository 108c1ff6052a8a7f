import { Option, type Command } from "commander";
import type { Invocation, Invoke } from "./invocation.js";
import type { WeightFormat } from "../protocol/messages.js";

interface ImportOptions {
  readonly role: "verifier" | "diffuser";
  readonly weights: WeightFormat;
  readonly out: string;
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
    .action((source: string, options: ImportOptions) => invoke((invocation) => importCheckpoint(invocation, source, options)));
}

async function importCheckpoint(invocation: Invocation, source: string, { role, weights, out }: ImportOptions): Promise<number> {
  void [invocation, source, role, weights, out];
  return 1;
}
