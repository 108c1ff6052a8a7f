import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { fileSha256 } from "../peers/fileSha256.js";
import { LLAMA_PACKAGE } from "../peers/llamaPackage.js";
import { PEER_KINDS, type PeerKind } from "../peers/peerModel.js";
import { threadsOf } from "../peers/withPeers.js";
import { provenanceOf } from "../library/provenance.js";
import { commandLine } from "./benchRun.js";
import { listOption } from "./listOption.js";
import type { BenchPeersOptions } from "./peersPlan.js";
import { peersDrafts } from "./peersDrafts.js";
import { peersRows } from "./peersRows.js";
import { peersSpeed } from "./peersSpeed.js";
import { INTERRUPTED_EXIT_CODE } from "../../src/cli/interrupted.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { folderOption } from "../../src/cli/textOption.js";
import { integerOption } from "../../src/cli/numberOption.js";
import { LacunaError } from "../../src/protocol/errors.js";
import { verifierOf } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";

/** `npm run bench -- peers`: our engine beside llama.cpp, from the same file. */
export function addBenchPeers(bench: Command, invoke: Invoke): void {
  const engines = new Option("--engines <list>", "who takes part").argParser(listOption(parseKind)).default([...PEER_KINDS], PEER_KINDS.join(","));
  bench
    .command("peers")
    .description("time the engine's graph and llama.cpp in turns; with --data both answer HumanEval-Infilling rows, with --prompts they draft")
    .requiredOption("--gguf <file>", "the file that --models was imported from")
    .requiredOption("--out <dir>", "folder for result.json and rows.jsonl; rows of a run that was cut off are kept", folderOption)
    .addOption(engines)
    .addOption(new Option("--rounds <n>", "how often everything is timed").argParser(integerOption(1, 1000)).default(10))
    .option("--data <file>", "rows as JSON lines, gzipped or plain")
    .addOption(new Option("--rows <n>", "only so many rows, drawn by the seed").argParser(integerOption(1, 1_000_000)))
    .option("--prompts <dir>", "folder of source files at whose places both write on, with their own drafts and without")
    .addOption(new Option("--places <n>", "places, drawn by the seed").argParser(integerOption(1, 100_000)).default(40))
    .addOption(new Option("--tokens <n>", "tokens to write at a place").argParser(integerOption(16, 1024)).default(64))
    .addOption(new Option("--order <name>", "what stands first in a row's prompt").choices(["suffixFirst", "prefixFirst"]))
    .addOption(new Option("--python <command>", "interpreter that runs the tests").default("python3"))
    .addOption(new Option("--seed <n>", "seed of the choice of rows").argParser(integerOption(0, 2 ** 32 - 1)).default(1))
    .action((options: BenchPeersOptions) => invoke((invocation) => benchPeers(invocation, options)));
}

function parseKind(name: string): PeerKind {
  const kind = PEER_KINDS.find((each) => each === name);
  if (kind === undefined) throw new InvalidArgumentError(`Each must be ${PEER_KINDS.join(" or ")}.`);
  return kind;
}

async function benchPeers(invocation: Invocation, options: BenchPeersOptions): Promise<number> {
  const { environment, globals, output, args } = invocation;
  const modelsDir = path.resolve(globals.models);
  const provenance = await provenanceOf(commandLine(args), path.dirname(environment.distDir), modelsDir);
  const entry = verifierOf(parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8")));
  const ggufSha256 = await fileSha256(options.gguf);
  const plan = { options, entry, ggufSha256, threads: threadsOf(invocation) };
  await mkdir(options.out, { recursive: true });
  const { data, prompts } = options;
  if (data !== undefined && prompts !== undefined) throw new LacunaError("benchUnusable", "--data and --prompts are two measures.", "Leave one out.");
  const report = await (data !== undefined
    ? peersRows(invocation, plan, data)
    : prompts !== undefined
      ? peersDrafts(invocation, plan, prompts)
      : peersSpeed(invocation, plan));
  if (report === undefined) {
    output.note(data === undefined && prompts === undefined ? "Interrupted." : "Interrupted. The same command goes on from what is done.");
    output.document({ outcome: "cancelled" });
    return INTERRUPTED_EXIT_CODE;
  }
  const { seed, gguf, engines } = options;
  const settings = { gguf: path.basename(gguf), ggufSha256, importedFrom: entry.origin, package: LLAMA_PACKAGE, engines, ...report.settings };
  const record = { benchmark: "peers", ...provenance, device: "cpu", threads: plan.threads, seed, settings, results: report.results };
  await writeFile(path.join(options.out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  for (const line of report.lines) output.line(line);
  output.document(record);
  return 0;
}
