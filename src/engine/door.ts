import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { connectionOver } from "../child/connectionOver.js";
import { addressOf, connectTo, entriesOf, newEntry } from "../meeting/entry.js";
import { BUILD_ID } from "../protocol/buildId.js";
import { initializeRequest } from "../protocol/messages.js";

/** Names of sockets that do not listen yet. */
const UNFINISHED = "new-";
/** An engine needs no such time between making a socket and naming it. */
const ABANDONED_AFTER_MS = 60_000;
/** An engine that says nothing for so long is taken to be there. */
const ANSWER_LIMIT_MS = 20_000;

/** Where an engine lets windows in. */
export interface Door {
  /** Takes the name away, so that nobody comes who would be sent away. Safe at the very end of the process. */
  remove(): void;
}

/**
 * Opens the door of the one engine of a key.
 *
 * Every engine listens first and looks around then, so of two that start at once the later sees the earlier; the one whose name sorts
 * first stays if neither is settled yet. Names are never used twice: one where nobody listens is of the dead and is removed.
 *
 * @param folder checked to be the user's alone
 * @param onSocket called for each window, also for those that came while the door was being opened
 * @returns undefined where another engine is there already
 */
export async function openDoor(folder: string, key: string, onSocket: (socket: Socket) => void): Promise<Door | undefined> {
  const waiting: Socket[] = [];
  let letIn = (socket: Socket): void => void waiting.push(socket);
  const server = createServer((socket) => {
    // What breaks it closes it; that is heard elsewhere.
    socket.on("error", () => {});
    letIn(socket);
  });
  const entry = newEntry(key);
  const file = path.join(folder, entry);
  const remove = (): void => rmSync(file, { force: true });
  await listen(server, folder, entry);
  for (const other of await entriesOf(folder, key)) {
    if (other === entry || !(await isServed(folder, other, entry))) continue;
    remove();
    server.close();
    for (const socket of waiting) socket.destroy();
    return undefined;
  }
  letIn = onSocket;
  for (const socket of waiting) onSocket(socket);
  void removeAbandoned(folder, key).catch(() => {});
  return { remove };
}

/** A name stands for a socket that listens: it is given after the fact. */
async function listen(server: Server, folder: string, entry: string): Promise<void> {
  const file = path.join(folder, entry);
  const isWindows = process.platform === "win32";
  const first = isWindows ? addressOf(folder, entry) : path.join(folder, UNFINISHED + randomBytes(8).toString("hex"));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen({ path: first }, resolve));
  await (isWindows ? writeFile(file, "", { mode: 0o600 }) : rename(first, file));
}

/** Whether an engine has the place that `own` would take. */
async function isServed(folder: string, other: string, own: string): Promise<boolean> {
  const socket = await connectTo(folder, other).catch(() => "busy" as const);
  if (socket === undefined || socket === "busy") return socket === "busy";
  const connection = connectionOver(new SocketMessageReader(socket), new SocketMessageWriter(socket));
  connection.onError(() => {});
  try {
    if (other < own) return true;
    const closed = new Promise<boolean>((resolve) => socket.once("close", () => resolve(false)));
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ANSWER_LIMIT_MS).unref());
    connection.listen();
    const answers = connection.sendRequest(initializeRequest, { build: BUILD_ID }).then(
      () => true,
      () => closed,
    );
    return await Promise.race([answers, closed, late]);
  } finally {
    connection.dispose();
    socket.destroy();
  }
}

/** Sockets of engines that were killed before they had a name, or that nobody looks for any more: of other builds and settings. */
async function removeAbandoned(folder: string, key: string): Promise<void> {
  for (const other of await entriesOf(folder, "")) {
    if (!other.startsWith(key)) (await connectTo(folder, other).catch(() => undefined))?.destroy();
  }
  for (const name of await readdir(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const file = path.join(folder, name);
    const facts = await stat(file).catch(() => undefined);
    if (facts !== undefined && Date.now() - facts.mtimeMs > ABANDONED_AFTER_MS) await rm(file, { force: true });
  }
}
