import os from "node:os";
import path from "node:path";
import { Option, type Command } from "commander";
import { LacunaError } from "../protocol/errors.js";
import type { DoctorResult, EngineIdentity, LoadResult, SelfTest, ServedFormatName } from "../protocol/messages.js";
import { withCommandName } from "./commandName.js";
import { doctorServer, type ServerOptions } from "./doctorServer.js";
import { showDoctorReport, type DoctorReport } from "./doctorReport.js";
import { MODEL_OPTIONS, type Invocation, type Invoke } from "./invocation.js";
import { checkModels, type ModelCheck } from "./modelCheck.js";
import { withEngine } from "./session.js";

const FORMATS: readonly ServedFormatName[] = [
  ...(["auto", "qwen", "starcoder", "deepseek", "codellama", "codegemma", "codestral", "lacuna", "infill", "suffix"] as const),
];

interface Findings {
  readonly identity: EngineIdentity;
  readonly loaded: LoadResult | undefined;
  readonly backends: DoctorResult["backends"];
  readonly selfTests: readonly SelfTest[];
}

/** `lacuna doctor`: finds out whether Lacuna works on this machine, by trying. */
export function addDoctor(program: Command, invoke: Invoke): void {
  program
    .command("doctor")
    .description("check the machine and the models, and try every backend by running the models on it")
    .option("--server <url>", "check a team's server instead: what it serves, how fast, and whether it keeps what it has read")
    .option("--server-model <name>", "its model; default: the first that it names")
    .addOption(new Option("--server-format <name>", "how its model reads a hole").choices(FORMATS).default("auto"))
    .option("--server-key <file>", "file that holds the key that it wants")
    .action((options: Partial<ServerOptions> & Pick<ServerOptions, "serverFormat">, command: Command) => {
      const about = ["serverModel", "serverFormat", "serverKey"].find((name) => command.getOptionValueSource(name) === "cli");
      if (options.server === undefined && about !== undefined) {
        command.error(`error: --server-${about.slice("server".length).toLowerCase()} is for a server; name it with --server`);
      }
      const { server } = options;
      return server === undefined ? invoke(doctor) : invoke((invocation) => doctorServer(invocation, { ...options, server }), MODEL_OPTIONS);
    });
}

async function doctor(invocation: Invocation): Promise<number> {
  const problems: string[] = [];
  // Without a readable manifest there is nothing to list; the engine says what is wrong with it.
  const models = await checkModels(path.resolve(invocation.globals.models)).catch((): ModelCheck[] => []);
  const found = await attempt(invocation, problems, () => examine(invocation, problems));
  const backends = found?.backends ?? [];
  // What was known when the models were loaded, before the backends were tried here.
  const sinceTried = (reason: string): string =>
    backends.reduce((text, { name }) => text.replace(`${name}: not tried yet`, `${name}: not tried before, now see its backend`), reason);
  const typed = (text: string): string => withCommandName(text, invocation.environment.command);
  const report: DoctorReport = {
    ok: problems.length === 0,
    problems,
    machine: describeMachine(),
    engine: found?.identity ?? null,
    backends: backends.map((each) => ({ ...each, detail: typed(each.detail) })),
    models,
    can: found?.loaded?.can ?? null,
    selfTests: found?.selfTests ?? [],
    devices: (found?.loaded?.models ?? []).map(({ role, device, deviceReason }) => ({ role, name: device, reason: sinceTried(typed(deviceReason)) })),
    threads: found?.loaded?.threads ?? null,
    loadMs: found?.loaded?.loadMs ?? null,
    residentBytes: found?.loaded?.residentBytes ?? null,
  };
  showDoctorReport(report, invocation.output);
  invocation.output.document(report);
  return report.ok ? 0 : 1;
}

function examine(invocation: Invocation, problems: string[]): Promise<Findings> {
  return withEngine(invocation, async ({ engine }) => {
    const { models, threads, device } = invocation.globals;
    const loaded = await attempt(invocation, problems, () => engine.load({ modelsDir: path.resolve(models), threads, device }));
    const result = loaded === undefined ? undefined : await attempt(invocation, problems, () => engine.doctor());
    const backends = result?.backends ?? [];
    const cpu = backends.find(({ name }) => name === "cpu");
    if (cpu?.ok === false) problems.push(`The models do not run on the processor: ${cpu.detail}`);
    return { identity: engine.identity, loaded, backends, selfTests: result?.selfTests ?? loaded?.selfTests ?? [] };
  });
}

/** The result of `step`; undefined, and a problem more, when it fails as expected failures do. */
async function attempt<T>({ environment }: Invocation, problems: string[], step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof LacunaError)) throw error;
    problems.push(`${error.message} ${withCommandName(error.remedy, environment.command)}`);
    return undefined;
  }
}

function describeMachine(): DoctorReport["machine"] {
  return {
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    node: process.versions.node,
  };
}
