import { gotCuda, removeCuda } from "../models/cudaProvider.js";
import { thisMachine } from "../models/machine.js";
import { spokenBytes } from "../models/spoken.js";
import { LacunaError } from "../protocol/errors.js";
import { confirm } from "./confirm.js";
import type { Invocation } from "./invocation.js";

export interface RemoveDeviceOptions {
  readonly yes?: boolean;
}

/** `lacuna devices remove cuda`: asks, then removes the CUDA provider for all versions of the runtime. */
export async function removeDevice({ environment, output }: Invocation, { yes = false }: RemoveDeviceOptions): Promise<number> {
  const machine = thisMachine(environment.variables);
  const got = await gotCuda(machine);
  const bytes = got.reduce((sum, each) => sum + each.bytes, 0);
  const removed = got.map(({ folder }) => folder);
  if (got.length === 0) {
    output.line("There is nothing to remove.");
    output.document({ removed, bytes });
    return 0;
  }
  if (!yes && !(await confirm(`Remove ${removed.join(" and ")} (${spokenBytes(bytes)})?`, environment))) {
    throw new LacunaError("notConfirmed", "Nothing was removed.", "Answer y, or give --yes.");
  }
  await removeCuda(machine);
  output.line(`The CUDA provider is gone: ${spokenBytes(bytes)}.`);
  output.document({ removed, bytes });
  return 0;
}
