import { InvalidArgumentError, Option, type Command } from "commander";
import type { CompleteParams, CompleteResult } from "../protocol/messages.js";
import { counted } from "../base/counted.js";
import { readHole } from "./hole.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { integerOption } from "./numberOption.js";
import type { Output } from "./output.js";
import { addSampleOptions, type SampleOptions } from "./sampleOptions.js";
import { withModels, type Session } from "./session.js";

interface CompleteOptions extends SampleOptions {
  readonly decoder: "deer" | "ar";
  readonly block: CompleteParams["block"];
}

/** `lacuna complete FILE --at L:C`: continues the text at a place, drafting and verifying. */
export function addComplete(program: Command, invoke: Invoke): void {
  const command = program
    .command("complete")
    .description("continue the text at a place in a file")
    .argument("<file>", "the document, or - for standard input")
    .addOption(new Option("--decoder <name>", "deer: drafts, verified; ar: one token a pass").choices(["deer", "ar"]).default("deer"))
    .addOption(new Option("--block <n>", "draft length in tokens, or auto").argParser(parseBlock).default("auto"));
  addSampleOptions(command, { temperature: 0, topP: 1 }).action((file: string, options: CompleteOptions) => {
    if (options.decoder === "ar" && command.getOptionValueSource("block") === "cli") {
      command.error("error: --block is for --decoder deer; ar writes one token a pass");
    }
    return invoke((invocation) => complete(invocation, file, options));
  });
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
  return withModels(invocation, async (session) => {
    const { result, firstTextMs } = await showCompletion(session, { ...hole, decoder, block, maxTokens, temperature, topP, seed }, output);
    output.close();
    output.note(completeReadout(result, firstTextMs));
    output.document(result);
    return result.outcome === "cancelled" ? INTERRUPTED_EXIT_CODE : 0;
  });
}

/** Shows a completion while it is written. @returns also when its first text came, from the request on; undefined when none came */
export async function showCompletion(
  { engine, signal }: Session,
  params: Omit<CompleteParams, "requestId">,
  output: Output,
): Promise<{ readonly result: CompleteResult; readonly firstTextMs: number | undefined }> {
  const start = performance.now();
  let firstTextMs: number | undefined;
  const onText = (text: string): void => {
    if (text !== "") firstTextMs ??= performance.now() - start;
    output.block(text);
  };
  return { result: await engine.complete(params, { signal, onText }), firstTextMs };
}

/** What a completion cost, in a line. The speed is of writing alone; the reading of the prompt is in the time to the first text. */
export function completeReadout(
  { tokens, verifies, tokensPerSecond, decoder, model, device, outcome }: CompleteResult,
  firstTextMs: number | undefined,
): string {
  const end = outcome === "cancelled" ? ", interrupted" : "";
  const how = `(${decoder}, ${model}, ${device})${end}`;
  if (firstTextMs === undefined) return `${counted(tokens, "token")} ${how}`;
  const passes = verifies > 0 ? ` in ${counted(verifies, "pass", "passes")} of the verifier, ${(tokens / verifies).toFixed(1)} a pass` : "";
  const speed = `first text after ${Math.round(firstTextMs)} ms, ${Math.round(tokensPerSecond)} tokens/s while writing`;
  return `${counted(tokens, "token")}${passes}; ${speed} ${how}`;
}
