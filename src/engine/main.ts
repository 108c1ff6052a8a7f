import { parentConnection, startedByParent } from "../child/parentConnection.js";
import { SHARED } from "../protocol/sharedStart.js";
import { EngineService } from "./service.js";
import { shareEngine } from "./sharedEngine.js";
import { makeTrial } from "./trialMain.js";
import { TRIAL } from "./trialProcess.js";

const [kind, folder, key] = process.argv.slice(2);
if (kind === SHARED) {
  startedByParent("engine");
  shareEngine(folder, key).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
} else if (kind === TRIAL) {
  void makeTrial(folder);
} else {
  new EngineService().serve(parentConnection("engine"));
}
