import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import type { EngineLink } from "./engineLink.js";
import { EngineProcess } from "./engineProcess.js";

/**
 * Starts an engine for this process alone, with which it ends.
 *
 * @param variables for its environment, besides this process's own
 * @throws LacunaError `engineUnavailable`, here or through `died`
 */
export function privateLink(enginePath: string, onLog: (line: string) => void, variables?: NodeJS.ProcessEnv): EngineLink {
  const engine = new EngineProcess(enginePath, onLog, undefined, variables);
  const connection = createMessageConnection(new IPCMessageReader(engine.child), new IPCMessageWriter(engine.child));
  connection.onError(() => {});
  connection.listen();
  return {
    connection,
    isShared: false,
    get isOpen() {
      return engine.child.connected;
    },
    died: engine.died,
    close: async () => {
      connection.dispose();
      await engine.stop();
    },
  };
}
