import { lstat, mkdir, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { LacunaError } from "../protocol/errors.js";
import { ENTRY_CHARACTERS } from "./entry.js";

/** Longest path of a socket, in bytes: macOS takes 104 with the zero at the end, Linux 108. */
const LONGEST_PATH_BYTES = 103;
const OWNER_ALONE = 0o700;
const isWindows = process.platform === "win32";

/**
 * The folder where the windows of a person meet their engine; made if it is not there.
 *
 * On Windows it lies in the person's profile, whose access rights are theirs. Elsewhere it is the first of these whose sockets have
 * paths that are short enough: in XDG_RUNTIME_DIR, in the folder for temporary files, in the system's own.
 *
 * @throws LacunaError `meetingRefused` where somebody else could enter it, or it cannot be made
 */
export async function meetingFolder(variables: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = await firstThatFits(variables);
  try {
    await mkdir(folder, { recursive: isWindows, mode: OWNER_ALONE });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new LacunaError("meetingRefused", `The folder ${folder} cannot be made (${String(cause)}).`, "Make it possible to write there.", cause);
    }
  }
  await checkMeetingFolder(folder);
  return folder;
}

/** Makes sure that nobody but this process's user can enter a folder. @throws LacunaError `meetingRefused` */
export async function checkMeetingFolder(folder: string): Promise<void> {
  if (isWindows) return;
  const facts = await lstat(folder).catch(() => undefined);
  const user = process.getuid?.();
  const remedy = `Remove ${folder}, then restart the engine; it is made again as it must be.`;
  if (facts?.isDirectory() !== true) throw new LacunaError("meetingRefused", `${folder} is not a folder.`, remedy);
  if (facts.uid !== user) throw new LacunaError("meetingRefused", `The folder ${folder} belongs to user ${facts.uid}, not to ${user}.`, remedy);
  const mode = facts.mode & 0o777;
  if (mode !== OWNER_ALONE) {
    const sentence = `The folder ${folder} can be entered by others than its owner (mode ${mode.toString(8).padStart(3, "0")}, not 700).`;
    throw new LacunaError("meetingRefused", sentence, remedy);
  }
}

async function firstThatFits({ XDG_RUNTIME_DIR: runtime, LOCALAPPDATA: localData }: NodeJS.ProcessEnv): Promise<string> {
  if (isWindows) return path.join(localData ?? path.join(os.homedir(), "AppData", "Local"), "lacuna", "engines");
  const name = `lacuna-${process.getuid?.()}`;
  const isRuntime = runtime !== undefined && path.isAbsolute(runtime) && (await isFolder(runtime));
  const folders = [...(isRuntime ? [path.join(runtime, "lacuna")] : []), path.join(os.tmpdir(), name), `/tmp/${name}`];
  return folders.find((folder) => Buffer.byteLength(folder) + 1 + ENTRY_CHARACTERS <= LONGEST_PATH_BYTES) ?? `/tmp/${name}`;
}

const isFolder = (folder: string): Promise<boolean> =>
  stat(folder).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
