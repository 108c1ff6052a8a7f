import { LacunaError } from "../../protocol/errors.js";
import type { Device } from "../../protocol/messages.js";
import type { DeviceRecord } from "./deviceTrial.js";

export type Accelerator = Exclude<Device, "cpu">;

/** In the order in which "auto" takes them. */
export const ACCELERATORS: readonly Accelerator[] = ["cuda", "dml", "coreml", "webgpu"];
/** What a device has to gain, as a share of the processor's time: less is not worth what can go wrong with it. */
const WORTH_IT = 0.8;

/** What is known of devices. */
export interface DeviceFacts {
  /** Backends that the runtime was compiled with. */
  readonly compiledIn: readonly string[];
  /** Why the models cannot run there, as far as they say themselves. */
  readonly hindrance: (device: Accelerator) => string | undefined;
  /** What trying it came to; undefined where it was not tried. */
  readonly record: (device: Accelerator) => DeviceRecord | undefined;
}

/** Where the verifier runs, with a line that says why, and why nowhere else. */
export interface DeviceChoice {
  readonly device: Device;
  readonly reason: string;
  /** Of which it is not known whether they would be faster. */
  readonly untried: readonly Accelerator[];
}

/**
 * Decides where the verifier runs, by what is known. "auto" takes the first accelerator on which it was right and faster; else the processor.
 *
 * @throws LacunaError `deviceUnusable` when another device than "auto" was asked for and is not known to be right
 */
export function chooseDevice(requested: Device | "auto", facts: DeviceFacts): DeviceChoice {
  if (requested === "cpu") return { device: "cpu", reason: "the processor was asked for", untried: [] };
  if (requested !== "auto") return askedFor(requested, facts);
  const candidates = ACCELERATORS.filter((name) => facts.compiledIn.includes(name));
  if (candidates.length === 0) return { device: "cpu", reason: "this build of the runtime knows no accelerator", untried: [] };
  const reasons: string[] = [];
  const untried: Accelerator[] = [];
  for (const device of candidates) {
    const hindrance = facts.hindrance(device);
    const record = hindrance === undefined ? facts.record(device) : undefined;
    if (record !== undefined && isFaster(record)) return { device, reason: record.detail, untried: [] };
    if (hindrance === undefined && record === undefined) untried.push(device);
    reasons.push(`${device}: ${hindrance ?? (record === undefined ? "not tried yet" : described(record))}`);
  }
  return { device: "cpu", reason: reasons.join("; "), untried };
}

/** Whether a device that was asked for has to be tried first: where it is not known to be right or wrong, and may be there by now. */
export function mustBeTried(device: Accelerator, { hindrance, record }: DeviceFacts): boolean {
  const verdict = record(device)?.verdict;
  return hindrance(device) === undefined && (verdict === undefined || verdict === "slow" || verdict === "unavailable");
}

function askedFor(device: Accelerator, { hindrance, record }: DeviceFacts): DeviceChoice {
  const known = record(device);
  if (hindrance(device) === undefined && known?.verdict === "right") return { device, reason: `it was asked for; ${known.detail}`, untried: [] };
  const why = hindrance(device) ?? (known === undefined ? "it was not tried" : described(known));
  throw new LacunaError("deviceUnusable", `The models do not run on ${device}: ${why}.`, "Choose auto or cpu as the device.");
}

function isFaster({ verdict, deviceMs = Infinity, processorMs = 0 }: DeviceRecord): boolean {
  return verdict === "right" && deviceMs < WORTH_IT * processorMs;
}

/** A record in words: why a device is not used. */
export function described({ verdict, detail }: DeviceRecord): string {
  const beginnings = { right: "not faster, ", slow: "slower, ", wrong: "", unavailable: "", failed: "a pass failed, ", crashed: "", hung: "" };
  return beginnings[verdict] + detail;
}
