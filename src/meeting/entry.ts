import { createHash, randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import path from "node:path";

/** Of the key, which says for whom an engine is, and of the part that nobody can guess. */
const [KEY_CHARACTERS, CHANCE_CHARACTERS] = [16, 24];
export const ENTRY_CHARACTERS = KEY_CHARACTERS + 1 + CHANCE_CHARACTERS;

/**
 * Names what must be the same for windows to share an engine.
 *
 * @param facts whatever can be written as JSON
 */
export function keyOf(facts: unknown): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, KEY_CHARACTERS);
}

/** A name that no engine had before and none will have again: once nobody listens there, nobody ever will. */
export function newEntry(key: string): string {
  return `${key}-${randomBytes(CHANCE_CHARACTERS / 2).toString("hex")}`;
}

/** The engines of a key that are, or were, in a folder, by name. @param key "" for those of all keys */
export async function entriesOf(folder: string, key: string): Promise<string[]> {
  const isEntry = (name: string): boolean => name.length === ENTRY_CHARACTERS && name.startsWith(key);
  return (await readdir(folder)).filter(isEntry).sort();
}

/** Where an engine listens: the entry itself is the socket, or, on Windows, a file that names the pipe. */
export function addressOf(folder: string, entry: string): string {
  return process.platform === "win32" ? `\\\\.\\pipe\\lacuna-${entry}` : path.join(folder, entry);
}

/**
 * Connects to an engine.
 *
 * @returns undefined where nobody listens; the entry is then removed
 * @throws Error of the system, among them EAGAIN where many wait to be let in
 */
export async function connectTo(folder: string, entry: string): Promise<Socket | undefined> {
  const socket = createConnection({ path: addressOf(folder, entry) });
  // What breaks it later closes it, and that is heard elsewhere.
  socket.on("error", () => {});
  try {
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  } catch (error) {
    socket.destroy();
    if (!["ECONNREFUSED", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rm(path.join(folder, entry), { force: true });
    return undefined;
  }
}
