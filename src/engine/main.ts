import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { EngineService } from "./service.js";

// The engine lives as long as the process that started it: no channel, no engine.
if (process.send === undefined) {
  process.stderr.write("The engine is started by Lacuna, over an IPC channel; it has no use of its own.\n");
  process.exit(2);
}
process.once("disconnect", () => process.exit(0));
// The terminal's Ctrl-C reaches the whole process group; it is for the parent to decide what ends.
process.on("SIGINT", () => {});

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
connection.onError(([error]) => process.stderr.write(`channel: ${error.name}\n`));
new EngineService(connection).listen();
