import { parentConnection, startedByParent } from "../child/parentConnection.js";
import { SHARED } from "../protocol/sharedStart.js";
import { EngineService } from "./service.js";
import { shareEngine } from "./sharedEngine.js";

const [kind, folder, key] = process.argv.slice(2);
if (kind === SHARED) {
  startedByParent("engine");
  shareEngine(folder, key).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
} else {
  new EngineService().serve(parentConnection("engine"));
}
