import { LacunaError } from "../../protocol/errors.js";
import type { Device } from "../../protocol/messages.js";
import { processorReference, tryDevice, type DeviceTrial, type TrialModel } from "./deviceTrial.js";
import { listSupportedBackends } from "../runtime/program.js";

/** In the order in which "auto" tries them. */
const ACCELERATORS: readonly Exclude<Device, "cpu">[] = ["cuda", "dml", "coreml", "webgpu"];

/** Where the models run, with a line that says why. */
export interface DeviceChoice {
  readonly device: Device;
  readonly reason: string;
}

/** What can be found out about devices by trying them. */
export interface DeviceTrials {
  /** Backends that the runtime was compiled with. */
  readonly compiledIn: readonly string[];
  readonly tryDevice: (device: Device) => Promise<DeviceTrial>;
  /** A second pass of all models on the processor, in milliseconds. */
  readonly processorMs: () => Promise<number>;
}

/** Trials with the real models on the real runtime. */
export function realTrials(models: readonly TrialModel[]): DeviceTrials {
  const reference = processorReference(models);
  return {
    compiledIn: listSupportedBackends().map(({ name }) => name),
    tryDevice: (device) => tryDevice(device, models, reference),
    processorMs: async () => (await reference()).passMs,
  };
}

/**
 * Decides where the models run. "auto" takes the first accelerator on which all of them really run, give the
 * processor's numbers, and are faster than it; else the processor.
 *
 * @throws LacunaError `deviceUnusable` when another device than "auto" was asked for and does not pass
 */
export async function chooseDevice(requested: Device | "auto", trials: DeviceTrials): Promise<DeviceChoice> {
  if (requested === "cpu") return { device: "cpu", reason: "the processor was asked for" };
  const candidates = requested === "auto" ? ACCELERATORS.filter((name) => trials.compiledIn.includes(name)) : [requested];
  if (candidates.length === 0) return { device: "cpu", reason: "this build of the runtime knows no accelerator" };
  const reasons: string[] = [];
  for (const device of candidates) {
    const { ok, detail, passMs } = await trials.tryDevice(device);
    if (ok && (requested !== "auto" || passMs < (await trials.processorMs()))) return { device, reason: detail };
    reasons.push(`${device}: ${ok ? `slower, ${detail}` : detail}`);
  }
  if (requested === "auto") return { device: "cpu", reason: reasons.join("; ") };
  throw new LacunaError("deviceUnusable", `The models do not run on ${reasons.join("; ")}.`, "Choose auto or cpu as the device.");
}
