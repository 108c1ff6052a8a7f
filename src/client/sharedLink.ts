import type { Socket } from "node:net";
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { LacunaError } from "../protocol/errors.js";
import type { EngineLink } from "./engineLink.js";
import type { EngineProcess } from "./engineProcess.js";

/** The end of a process is told this much later than the end of its socket, at most. */
const EXIT_LIMIT_MS = 1000;

/**
 * The way to an engine that others may use.
 *
 * @param own the engine's process, where it was started from here: it then says how it ended
 */
export function sharedLink(socket: Socket, own: EngineProcess | undefined): EngineLink {
  const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
  connection.onError(() => {});
  connection.listen();
  const closed = new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    socket.once("close", () => resolve());
  });
  let isLeft = false;
  const whyGone = async (): Promise<LacunaError> => {
    await closed;
    return isLeft || own === undefined ? gone() : Promise.race([own.died, goneLater()]);
  };
  return {
    connection,
    isShared: true,
    get isOpen() {
      return !socket.destroyed && !socket.readableEnded;
    },
    died: whyGone(),
    close: () => {
      isLeft = true;
      connection.dispose();
      socket.destroy();
      return closed;
    },
  };
}

const goneLater = (): Promise<LacunaError> => new Promise((resolve) => setTimeout(() => resolve(gone()), EXIT_LIMIT_MS).unref());

function gone(): LacunaError {
  return new LacunaError("engineDied", "The engine process ended unexpectedly.", "Try again: a new engine is started.");
}
