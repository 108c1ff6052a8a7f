import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { SHARED } from "../protocol/sharedStart.js";
import { EngineService } from "./service.js";
import { shareEngine } from "./sharedEngine.js";

if (process.send === undefined) {
  process.stderr.write("The engine is started by Lacuna, over an IPC channel; it has no use of its own.\n");
  process.exit(2);
}
// The terminal's Ctrl-C reaches the whole process group; it is for the parent to decide what ends.
process.on("SIGINT", () => {});

const [kind, folder, key] = process.argv.slice(2);
if (kind === SHARED) {
  shareEngine(folder, key).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
} else {
  // The engine lives as long as the process that started it: no channel, no engine.
  process.once("disconnect", () => process.exit(0));
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  connection.onError(([error]) => process.stderr.write(`channel: ${error.name}\n`));
  new EngineService().serve(connection);
}
