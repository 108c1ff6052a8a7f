import type { DoctorResult } from "../../protocol/messages.js";
import { listSupportedBackends } from "../runtime/program.js";
import { ACCELERATORS, described } from "./device.js";
import type { VerifierDevices } from "./verifierDevices.js";

/** Says of every backend that was compiled in whether the verifier runs there, by trying where it is not known. */
export async function tryBackends(devices: VerifierDevices): Promise<DoctorResult["backends"]> {
  const results: { name: string; ok: boolean; detail: string }[] = [];
  for (const { name } of listSupportedBackends()) {
    const device = ACCELERATORS.find((each) => each === name);
    if (name === "cpu") results.push({ name, ...(await devices.processorPass()) });
    else if (device === undefined) results.push({ name, ok: false, detail: "not used" });
    else {
      const found = await devices.examine(device);
      const ok = typeof found !== "string" && found.verdict === "right";
      results.push({ name, ok, detail: typeof found === "string" ? found : ok ? found.detail : described(found) });
    }
  }
  return results;
}
