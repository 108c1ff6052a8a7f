import { Argument, type Command } from "commander";
import { getCuda, type GetCudaOptions } from "./devicesGet.js";
import { removeDevice, type RemoveDeviceOptions } from "./devicesRemove.js";
import { MODEL_OPTIONS, type Invoke } from "./invocation.js";

/** `lacuna devices ...`: gets and removes what a device needs and does not come with Lacuna. */
export function addDevices(program: Command, invoke: Invoke): void {
  const devices = program.command("devices").description("get or remove what devices need and Lacuna does not come with");
  const device = (): Argument => new Argument("<device>", "what it is for").choices(["cuda"]);
  devices
    .command("get")
    .description("download the libraries that run models on NVIDIA cards, for Linux on x64; uses the network")
    .addArgument(device())
    .option("--yes", "do not ask")
    .action((_: string, options: GetCudaOptions) => invoke((invocation) => getCuda(invocation, options), MODEL_OPTIONS));
  devices
    .command("remove")
    .description("remove what was got for a device")
    .addArgument(device())
    .option("--yes", "do not ask")
    .action((_: string, options: RemoveDeviceOptions) => invoke((invocation) => removeDevice(invocation, options), MODEL_OPTIONS));
}
