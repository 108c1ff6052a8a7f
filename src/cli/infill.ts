import { Option, type Command } from "commander";
import type { InfillResult } from "../protocol/messages.js";
import { readHole } from "./hole.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { isBefore, type Position } from "./position.js";
import { addSampleOptions, positionOption, type SampleOptions } from "./sampleOptions.js";
import { withModels } from "./session.js";

interface InfillOptions extends SampleOptions {
  readonly to?: Position;
  readonly method: "lr";
}

/** `lacuna infill FILE --at L:C [--to L:C]`: fills a hole, or replaces a range, by diffusion. */
export function addInfill(program: Command, invoke: Invoke): void {
  const command = program
    .command("infill")
    .description("write what belongs between two places of a file")
    .argument("<file>", "the document, or - for standard input")
    .addOption(positionOption("--to <line:column>", "replace the text from --at to here"))
    .addOption(new Option("--method <name>", "how the length is found").choices(["lr"]).default("lr"));
  addSampleOptions(command, { temperature: 0.2, topP: 0.9 }).action((file: string, options: InfillOptions) => {
    if (options.to !== undefined && isBefore(options.to, options.at)) command.error("error: --to lies before --at");
    return invoke((invocation) => infill(invocation, file, options));
  });
}

async function infill(invocation: Invocation, file: string, options: InfillOptions): Promise<number> {
  const { environment, output } = invocation;
  const { at, to, method, maxTokens, temperature, topP, seed } = options;
  const hole = await readHole(environment, file, at, to);
  return withModels(invocation, async ({ engine, signal }) => {
    const params = { ...hole, method, maxTokens, temperature, topP, seed };
    const result = await engine.infill(params, { signal, onText: (text) => output.block(text) });
    output.close();
    output.note(infillReadout(result));
    output.document(result);
    return result.outcome === "cancelled" ? INTERRUPTED_EXIT_CODE : 0;
  });
}

/** What an infill cost, in a line. */
export function infillReadout({ tokens, forwards, ms, length, model, device, outcome }: InfillResult): string {
  const end = outcome === "cancelled" ? ", interrupted" : "";
  const work = `${tokens} tokens in ${Math.round(ms)} ms and ${forwards} forward passes`;
  return `${work}, length ${length.initial} at first and ${length.final} in the end (${model}, ${device})${end}`;
}
