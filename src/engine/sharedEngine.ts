import type { Socket } from "node:net";
import { SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { connectionOver } from "../child/connectionOver.js";
import { checkMeetingFolder } from "../meeting/meetingFolder.js";
import type { SharedStart } from "../protocol/sharedStart.js";
import { openDoor, type Door } from "./door.js";
import { EngineService } from "./service.js";

/** Nobody has come: who started it is gone. */
const START_GRACE_MS = 10_000;
/** A window that is loaded again is back by then, or is not. */
const LAST_GRACE_MS = 2000;
/** Who connects and does not say what it is. */
const WELCOME_LIMIT_MS = 10_000;
/** For answers that are on their way. */
const FLUSH_MS = 50;

/** An engine in a process of its own that belongs to no window: it ends soon after the last one has left, however that went. */
class SharedEngine {
  readonly #service = new EngineService();
  #door: Door | undefined;
  #windows = 0;
  #isRetired = false;
  #ending: NodeJS.Timeout | undefined;

  /** @returns whether it serves; not where another engine does @throws LacunaError, or the error of the system */
  async open(folder: string, key: string): Promise<boolean> {
    await checkMeetingFolder(folder);
    this.#door = await openDoor(folder, key, (socket) => this.#letIn(socket));
    if (this.#door === undefined) return false;
    process.once("exit", () => this.#door?.remove());
    process.once("SIGTERM", () => process.exit(0));
    if (this.#windows === 0) this.#endIn(START_GRACE_MS);
    return true;
  }

  #letIn(socket: Socket): void {
    if (this.#isRetired || socket.destroyed) {
      socket.destroy();
      return;
    }
    const connection = connectionOver(new SocketMessageReader(socket), new SocketMessageWriter(socket));
    // Who does not keep to the form cannot be understood any more.
    connection.onError(() => socket.destroy());
    const limit = setTimeout(() => socket.destroy(), WELCOME_LIMIT_MS);
    let isWelcome = false;
    const onWelcome = (): void => {
      if (isWelcome || socket.destroyed || this.#isRetired) return;
      isWelcome = true;
      clearTimeout(limit);
      this.#windows += 1;
      clearTimeout(this.#ending);
    };
    const left = this.#service.serve(connection, { onWelcome, end: () => this.#retire() });
    socket.once("close", () => {
      clearTimeout(limit);
      connection.dispose();
      left();
      if (!isWelcome) return;
      this.#windows -= 1;
      if (this.#windows === 0 && !this.#isRetired) this.#endIn(LAST_GRACE_MS);
    });
  }

  /** Nobody is to find it any more. */
  #retire(): void {
    this.#isRetired = true;
    this.#door?.remove();
    this.#endIn(FLUSH_MS);
  }

  #endIn(ms: number): void {
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => process.exit(0), ms);
  }
}

/** Serves windows that come through a folder, or ends at once where another engine of the key does; tells the one who started it. */
export async function shareEngine(folder: string, key: string): Promise<void> {
  // Who started it, and would read what it writes there, may be gone.
  process.stderr.on("error", () => {});
  const isOpen = await new SharedEngine().open(folder, key);
  const told: SharedStart = { door: isOpen ? "open" : "taken" };
  await new Promise<void>((resolve) => process.send?.(told, undefined, undefined, () => resolve()));
  if (process.connected) process.disconnect();
  if (!isOpen) process.exit(0);
}
