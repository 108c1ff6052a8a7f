import { Option, type Command } from "commander";
import { MAX_TOKENS } from "../engine/checkParams.js";
import type { InfillResult } from "../protocol/messages.js";
import { counted } from "../base/counted.js";
import { readHole } from "./hole.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { isBefore, type Position } from "./position.js";
import { METHOD_NAMES, parseMethod, type MethodChoice } from "./methodOption.js";
import { integerOption } from "./numberOption.js";
import { addSampleOptions, positionOption, type SampleOptions } from "./sampleOptions.js";
import { withModels } from "./session.js";

interface InfillOptions extends SampleOptions {
  readonly to?: Position;
  readonly method: MethodChoice;
  readonly minTokens?: number;
  readonly maxLines?: number;
  readonly longer?: boolean;
  readonly shorter?: boolean;
  readonly deadline?: number;
}

/** `lacuna infill FILE --at L:C [--to L:C]`: fills a hole, or replaces a range. */
export function addInfill(program: Command, invoke: Invoke): void {
  const command = program
    .command("infill")
    .description("fill a hole in a file, or rewrite a range of it")
    .argument("<file>", "the document, or - for standard input")
    .addOption(positionOption("--to <line:column>", "replace the text from --at to here"))
    .addOption(
      new Option("--method <name>", `how the length is found: ${METHOD_NAMES}; with a verifier alone, auto or ar`)
        .argParser(parseMethod)
        .default({ method: "auto" }, "auto"),
    )
    .addOption(new Option("--min-tokens <n>", "minimum length in tokens").argParser(integerOption(1, MAX_TOKENS)))
    .addOption(new Option("--max-lines <n>", "maximum number of lines").argParser(integerOption(1, 10_000)))
    .addOption(new Option("--longer", "fill in a longer text than it would choose").conflicts("shorter"))
    .addOption(new Option("--shorter", "fill in a shorter text than it would choose"))
    .addOption(
      new Option("--deadline <ms>", "auto answers after this long with what it has, which may be nothing").argParser(integerOption(0, 3_600_000)),
    );
  addSampleOptions(command, { temperature: 0, topP: 1 }).action((file: string, options: InfillOptions) => {
    const { minTokens, maxTokens } = options;
    if (minTokens !== undefined && minTokens > maxTokens) command.error("error: --min-tokens is greater than --max-tokens");
    if (options.to !== undefined && isBefore(options.to, options.at)) command.error("error: --to comes before --at");
    if (minTokens !== undefined && options.maxLines !== undefined) {
      command.error("error: --min-tokens and --max-lines cannot both be kept; leave one of them out");
    }
    if (options.longer === true && options.maxLines !== undefined) {
      command.error("error: --longer and --max-lines cannot both be kept; leave one of them out");
    }
    const { method, length } = options.method;
    if (method === "fixed" && (options.longer === true || options.shorter === true)) {
      command.error("error: fixed has the length that it is given; leave --longer and --shorter out, or name another length");
    }
    if (method === "fixed" && minTokens !== undefined && length !== undefined && length < minTokens) {
      command.error(`error: fixed:${length} is shorter than --min-tokens`);
    }
    if (options.deadline !== undefined && options.method.method !== "auto") command.error("error: --deadline is for --method auto");
    return invoke((invocation) => infill(invocation, file, options));
  });
}

async function infill(invocation: Invocation, file: string, options: InfillOptions): Promise<number> {
  const { environment, output } = invocation;
  const { at, to, method, minTokens, maxTokens, maxLines, deadline, temperature, topP, seed } = options;
  const hole = await readHole(environment, file, at, to);
  return withModels(invocation, async ({ engine, signal }) => {
    const params = { ...hole, ...method, minTokens, maxTokens, maxLines, deadlineMs: deadline, temperature, topP, seed };
    const bounds: { minTokens?: number; maxTokens?: number } =
      options.longer === true || options.shorter === true ? otherLength(await engine.infill(params, { signal }), options) : {};
    const result = await engine.infill({ ...params, ...bounds }, { signal, onText: (text) => output.block(text) });
    output.close();
    output.note(infillReadout(result));
    const least = bounds.minTokens ?? minTokens ?? 1;
    if (result.outcome === "done" && result.tokens < least) output.note("It is shorter than was asked for: the text ends there.");
    output.document(result);
    return result.outcome === "cancelled" ? INTERRUPTED_EXIT_CODE : 0;
  });
}

/** Bounds that exclude the length of `chosen` and all on one side of it. */
function otherLength({ tokens }: InfillResult, { longer, minTokens, maxTokens }: InfillOptions): { minTokens?: number; maxTokens?: number } {
  if (longer === true) return { minTokens: Math.min(maxTokens, tokens + 1) };
  return { maxTokens: Math.max(minTokens ?? 1, tokens - 1) };
}

/** What an infill cost, in a line. */
export function infillReadout({ tokens, passes, ms, length, method, model, device, outcome }: InfillResult): string {
  const end = outcome === "cancelled" ? ", interrupted" : "";
  const forward = counted(passes.verifier + passes.diffuser, "forward pass", "forward passes");
  const work = `${counted(tokens, "token")} in ${Math.round(ms)} ms, reading the prompt included, and ${forward}`;
  // A text that was written from the left had no length before it ended.
  const search = length.candidates.length === 0 ? "" : `, length ${length.initial} at first, ${length.final} in the end`;
  return `${work}${search} (${method}, ${model}, ${device})${end}`;
}
