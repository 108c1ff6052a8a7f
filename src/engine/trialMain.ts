import os from "node:os";
import { tryModel, type TrialRequest } from "./models/trialSubject.js";
import type { TrialLine } from "./trialProcess.js";

/** Tries a device, tells the parent what it does, and ends. @param request a `TrialRequest` as JSON */
export async function makeTrial(request: string): Promise<void> {
  // Who started it may be gone.
  process.stdout.on("error", () => process.exit(1));
  // Whoever waits for nothing must not hold up who types.
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  const record = await tryModel(
    JSON.parse(request) as TrialRequest,
    (at) => tell({ at }),
    (soFar) => tell({ soFar }),
  );
  // A device may hang in being put away.
  process.stdout.write(`${JSON.stringify({ record } satisfies TrialLine)}\n`, () => process.exit(0));
}

function tell(line: TrialLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
