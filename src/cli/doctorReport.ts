import type { Abilities, DoctorResult, EngineIdentity, SelfTest } from "../protocol/messages.js";
import type { ModelCheck } from "./modelCheck.js";
import type { Output } from "./output.js";

/** What `lacuna doctor --json` prints. */
export interface DoctorReport {
  readonly ok: boolean;
  /** What keeps Lacuna from working, each with its remedy. */
  readonly problems: readonly string[];
  readonly machine: {
    readonly system: string;
    readonly processor: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly node: string;
  };
  readonly engine: EngineIdentity | null;
  /** All that were compiled in; only cpu has to work. */
  readonly backends: DoctorResult["backends"];
  readonly models: readonly ModelCheck[];
  /** What can be asked of the loaded models; null when none were loaded. */
  readonly can: Abilities | null;
  /** One that failed is no problem: the engine works, in the way that `detail` names. */
  readonly selfTests: readonly SelfTest[];
  /** Where each model runs, and why there. */
  readonly devices: readonly { readonly role: string; readonly name: string; readonly reason: string }[];
  readonly threads: number | null;
  readonly loadMs: number | null;
  readonly residentBytes: number | null;
}

/** Shows a report to people. */
export function showDoctorReport({ machine, engine, backends, models, can, selfTests, devices, problems, ok }: DoctorReport, output: Output): void {
  const { green, red, yellow, bold } = output.colors;
  const row = (kind: string, text: string): void => output.line(`${bold(kind.padEnd(10))} ${text}`);
  row("machine", `${machine.system}, ${machine.processor}, ${machine.cores} cores, ${(machine.memoryBytes / 1e9).toFixed(1)} GB`);
  if (engine !== null) row("engine", `${engine.engineVersion}, onnxruntime ${engine.runtimeVersion}, node ${machine.node}`);
  for (const model of models) row("model", `${model.ok ? green("ok ") : red("bad")} ${modelLine(model)}`);
  if (can !== null) {
    row("infill", can.infill.join(", "));
    row("drafts", can.diffusionDrafts ? "from repetitions, and by diffusion" : "from repetitions");
  }
  for (const { name, ok: runs, detail } of backends) row("backend", `${runs ? green("ok ") : yellow("no ")} ${name}: ${detail}`);
  for (const { role, name, reason } of devices) row("device", `${role} on ${name}: ${reason}`);
  for (const { name, ok: passed, detail } of selfTests) row("self-test", `${passed ? green("ok ") : yellow("no ")} ${name}: ${detail}`);
  for (const problem of problems) row("problem", red(problem));
  output.line(ok ? green("Lacuna works on this machine.") : red("Lacuna does not work on this machine."));
}

function modelLine({ name, role, weights, parameters, bytes, ok, detail }: ModelCheck): string {
  const size = parameters === null ? "" : `${weights}, ${(parameters / 1e6).toFixed(1)} M parameters, `;
  return `${name} (${role}, ${size}${(bytes / 1e6).toFixed(1)} MB): ${ok ? "size and hash are right" : detail}`;
}
