import { InvalidArgumentError, Option, type Command } from "commander";
import type { CompleteParams, CompleteResult } from "../protocol/messages.js";
import { readHole } from "./hole.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { integerOption } from "./numberOption.js";
import { addSampleOptions, type SampleOptions } from "./sampleOptions.js";
import { withModels } from "./session.js";

interface CompleteOptions extends SampleOptions {
  readonly decoder: "deer" | "ar";
  readonly block: CompleteParams["block"];
}

/** `lacuna complete FILE --at L:C`: goes on from a place, drafting by diffusion and verifying. */
export function addComplete(program: Command, invoke: Invoke): void {
  const command = program
    .command("complete")
    .description("go on writing at a place of a file")
    .argument("<file>", "the document, or - for standard input")
    .addOption(new Option("--decoder <name>", "deer: draft and verify, ar: the plain baseline").choices(["deer", "ar"]).default("deer"))
    .addOption(new Option("--block <n>", "draft length in tokens, or auto").argParser(parseBlock).default("auto"));
  addSampleOptions(command, { temperature: 0, topP: 1 }).action((file: string, options: CompleteOptions) =>
    invoke((invocation) => complete(invocation, file, options)),
  );
}

function parseBlock(argument: string): CompleteParams["block"] {
  if (argument === "auto") return argument;
  try {
    return integerOption(1, 64)(argument);
  } catch {
    throw new InvalidArgumentError("It must be auto or a whole number from 1 to 64.");
  }
}

async function complete(invocation: Invocation, file: string, options: CompleteOptions): Promise<number> {
  const { environment, output } = invocation;
  const { at, decoder, block, maxTokens, temperature, topP, seed } = options;
  const hole = await readHole(environment, file, at);
  return withModels(invocation, async ({ engine, signal }) => {
    const params = { ...hole, decoder, block, maxTokens, temperature, topP, seed };
    const result = await engine.complete(params, { signal, onText: (text) => output.block(text) });
    output.close();
    output.note(completeReadout(result));
    output.document(result);
    return result.outcome === "cancelled" ? INTERRUPTED_EXIT_CODE : 0;
  });
}

/** What a completion cost, in a line. */
export function completeReadout({ tokens, verifies, ms, tokensPerSecond, decoder, model, device, outcome }: CompleteResult): string {
  const end = outcome === "cancelled" ? ", interrupted" : "";
  const each = verifies > 0 ? `, ${(tokens / verifies).toFixed(1)} a verify` : "";
  const work = `${tokens} tokens in ${Math.round(ms)} ms and ${verifies} verifies${each}`;
  return `${work}, ${Math.round(tokensPerSecond)} tok/s (${decoder}, ${model}, ${device})${end}`;
}
