import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../protocol/errors.js";
import type { HubFile } from "./catalogue.js";
import { checkSpace, diskFailure } from "./diskFailure.js";
import { takeWorkLock } from "./workLock.js";
import { fileHash } from "./fileHash.js";
import { hubRecord, type Asking, type HubRecord } from "./hubRecord.js";
import { checkedFirst, type HubSettings } from "./hubSettings.js";
import { PartFile, partPath } from "./partFile.js";
import { PATIENCE, patiently, type Patience, type Wait } from "../network/patience.js";
import { FileChanged, transfer } from "./transfer.js";

export interface DownloadProgress {
  /** "asking" for the hub's record, "loading" bytes, "checking" the hash of what is on the disk. */
  readonly stage: "asking" | "loading" | "checking";
  /** Of this stage. */
  readonly bytes: number;
  /** 0 while the hub is asked. */
  readonly totalBytes: number;
}

export interface DownloadOptions {
  /** Made where there is none. The file gets the last part of its path in the repository as its name. */
  readonly folder: string;
  readonly settings: HubSettings;
  /** Asks for the record of the file; default: asks the hub. */
  readonly recordOf?: ((file: HubFile, asking: Asking) => Promise<HubRecord>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** A pause before the next try has begun. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
  /**
   * Called with the hub's record before a byte is downloaded; a path that it returns is that of a file with the same bytes that is here
   * already, and nothing is downloaded.
   */
  readonly findHere?: ((record: HubRecord) => Promise<string | undefined>) | undefined;
  readonly patience?: Patience;
}

export type DownloadResult =
  | {
      readonly outcome: "done";
      readonly path: string;
      readonly bytes: number;
      readonly sha256: string;
      /** What came over the network. */
      readonly loadedBytes: number;
    }
  /** What was loaded is kept, and the next download goes on with it. */
  | { readonly outcome: "cancelled" };

/** How often a file may change on the hub while it is downloaded. */
const MAX_CHANGES = 3;

/**
 * Downloads a file of the model hub, or of another server, and checks it. Contacts the network, and nothing else in Lacuna does: call it
 * only when a person has asked for this file. A download that was cut off, cancelled, or that a process left behind goes on where it
 * stopped; the file gets its name when its hash is the one that its record says. Memory does not grow with the file.
 *
 * @throws LacunaError `hubUnreachable`, `hubRefused`, `hubMissing`, `hubBusy`, `hubUnusable`, `downloadBroken`, `downloadBusy`, `diskFull`,
 *   `unreadableFile`
 */
export async function downloadFromHub(file: HubFile, options: DownloadOptions): Promise<DownloadResult> {
  const { signal } = options;
  try {
    return await download(file, options);
  } catch (error) {
    if (signal?.aborted === true) return { outcome: "cancelled" };
    throw error;
  }
}

async function download(file: HubFile, options: DownloadOptions): Promise<DownloadResult> {
  const { folder, settings, recordOf = hubRecord, onProgress, onWait, patience = PATIENCE } = options;
  const target = path.join(folder, path.posix.basename(file.file));
  const askFor = (signal: AbortSignal | undefined): Promise<HubRecord> =>
    patiently(() => recordOf(file, { settings, signal, idleMs: patience.idleMs }), { patience, signal, onWait });
  onProgress?.({ stage: "asking", bytes: 0, totalBytes: 0 });
  let record = await askFor(options.signal);
  const here = await options.findHere?.(record);
  if (here !== undefined) return { outcome: "done", path: here, bytes: record.bytes, sha256: record.sha256, loadedBytes: 0 };
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskFailure(error, folder);
  });
  const lock = await takeWorkLock(`${partPath(target)}.lock`, `downloading ${file.file}`).catch((error: unknown) => {
    throw error instanceof LacunaError ? error : diskFailure(error, folder);
  });
  const signal = options.signal === undefined ? lock.lost : AbortSignal.any([options.signal, lock.lost]);
  try {
    for (let changes = 0; ; changes++) {
      try {
        return await loadRecorded(target, record, { ...options, signal, patience });
      } catch (error) {
        if (!(error instanceof FileChanged)) throw error;
        if (changes === MAX_CHANGES) throw unsettled(record, settings);
        record = await askFor(signal);
      }
    }
  } finally {
    await lock.release();
  }
}

/** Downloads what a record describes. @throws FileChanged when the server has another file by now */
async function loadRecorded(
  target: string,
  record: HubRecord,
  { folder, settings, signal, onProgress, onWait, patience }: DownloadOptions & { readonly patience: Patience },
): Promise<DownloadResult> {
  const { bytes: totalBytes, sha256 } = record;
  const hashOf = (file: string): Promise<string> =>
    fileHash(file, { signal, onBytes: (bytes) => onProgress?.({ stage: "checking", bytes, totalBytes }) });
  const present = await stat(target).catch(() => undefined);
  if (present?.isFile() === true && present.size === totalBytes && (await hashOf(target)) === sha256) {
    return { outcome: "done", path: target, bytes: totalBytes, sha256, loadedBytes: 0 };
  }
  const part = await PartFile.open(target, record).catch((error: unknown) => {
    throw diskFailure(error, folder);
  });
  try {
    await checkSpace(folder, totalBytes - part.bytes);
    const loadedBytes = await fill(part, record, { settings, signal, idleMs: patience.idleMs }, { patience, onProgress, onWait });
    if ((await hashOf(part.path)) !== sha256) {
      await part.discard();
      const said = settings.variable === undefined ? "the hub says" : "the index says";
      const sentence = `What came for ${record.file} is not what ${said} it is: its hash is another one. It was removed.`;
      throw new LacunaError("downloadBroken", sentence, `Run it again; if that does not help, check ${checkedFirst(settings)}.`);
    }
    await part.finish().catch((error: unknown) => {
      throw diskFailure(error, folder);
    });
    return { outcome: "done", path: target, bytes: totalBytes, sha256, loadedBytes };
  } finally {
    await part.close();
  }
}

interface Watch {
  readonly patience: Patience;
  readonly onProgress: DownloadOptions["onProgress"];
  readonly onWait: DownloadOptions["onWait"];
}

/** Transfers until the part is whole. @returns the bytes that came */
async function fill(part: PartFile, record: HubRecord, asking: Asking, { patience, onProgress, onWait }: Watch): Promise<number> {
  let loadedBytes = 0;
  let before = part.bytes;
  // A server that gives everything anew each time, and cuts it off earlier, gains nothing.
  let furthest = part.bytes;
  let hasGained = false;
  const onBytes = (): void => {
    loadedBytes += part.bytes >= before ? part.bytes - before : part.bytes;
    before = part.bytes;
    hasGained ||= part.bytes > furthest;
    furthest = Math.max(furthest, part.bytes);
    onProgress?.({ stage: "loading", bytes: part.bytes, totalBytes: record.bytes });
  };
  const attempt = async (): Promise<void> => {
    hasGained = false;
    before = part.bytes;
    if (part.bytes < record.bytes) await transfer(part, record, asking, onBytes);
  };
  onBytes();
  await patiently(attempt, { patience, signal: asking.signal, onWait, hasGained: () => hasGained });
  return loadedBytes;
}

function unsettled({ file }: HubRecord, settings: HubSettings): LacunaError {
  const sentence = `The server's ${file} is not the one that its record describes, or it changes while it is downloaded.`;
  return new LacunaError("downloadBroken", sentence, `Try again later, or check ${checkedFirst(settings)}.`);
}
