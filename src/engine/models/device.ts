import { LacunaError } from "../../protocol/errors.js";
import type { Device } from "../../protocol/messages.js";
import { processorReference, tryDevice, type TrialModel } from "./deviceTrial.js";
import { listSupportedBackends } from "../runtime/program.js";

/** In the order in which "auto" tries them. */
const ACCELERATORS: readonly Exclude<Device, "cpu">[] = ["cuda", "dml", "coreml", "webgpu"];

/** Where the models run, with a line that says why. */
export interface DeviceChoice {
  readonly device: Device;
  readonly reason: string;
}

/**
 * Decides where the models run. "auto" takes the first accelerator on which all of them really run, give the
 * processor's numbers, and are faster than it; else the processor.
 *
 * @throws LacunaError `deviceUnusable` when another device than "auto" was asked for and does not pass
 */
export async function chooseDevice(requested: Device | "auto", models: readonly TrialModel[]): Promise<DeviceChoice> {
  if (requested === "cpu") return { device: "cpu", reason: "the processor was asked for" };
  const compiledIn = new Set(listSupportedBackends().map(({ name }) => name));
  const candidates = requested === "auto" ? ACCELERATORS.filter((name) => compiledIn.has(name)) : [requested];
  if (candidates.length === 0) return { device: "cpu", reason: "this build of the runtime knows no accelerator" };
  const reference = processorReference(models);
  const reasons: string[] = [];
  for (const device of candidates) {
    const { ok, detail, passMs } = await tryDevice(device, models, reference);
    if (ok && (requested !== "auto" || passMs < (await reference()).passMs)) return { device, reason: detail };
    reasons.push(`${device}: ${ok ? `slower, ${detail}` : detail}`);
  }
  if (requested === "auto") return { device: "cpu", reason: reasons.join("; ") };
  throw new LacunaError("deviceUnusable", `The models do not run on ${reasons.join("; ")}.`, "Choose auto or cpu as the device.");
}
