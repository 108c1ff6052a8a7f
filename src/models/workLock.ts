import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { LacunaError } from "../protocol/errors.js";
import { hasCode } from "./errorCode.js";
import { isRunning } from "./isRunning.js";

/** A process that holds a lock touches it this often. */
const BEAT_MS = 5000;
/** A lock that nobody has touched for so long belongs to a process that was killed, or to a machine that is off. */
const STALE_MS = 30_000;
/** Longer than it takes to move a lock aside, look at it and put it back. */
const SETTLE_MS = 100;

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

/** The right to do a work that no other process may do at the same time; `release` gives it back. */
export interface WorkLock {
  /** Aborts when another process has taken the lock, which it may after this one was asleep for long. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the lock of a work, such as a download: a file that only one process can make. One that a dead process left behind is taken over.
 *
 * @param path of the lock's file
 * @param work what is done under it, as messages say it: "downloading X"
 * @throws LacunaError `downloadBusy` when another process holds it; the file system's error
 */
export async function takeWorkLock(path: string, work: string): Promise<WorkLock> {
  const own: Holder = { token: randomUUID(), pid: process.pid, host: os.hostname() };
  for (let attempt = 0; ; attempt++) {
    if (await make(path, own)) {
      // Of several that take a lock over at once, one may have moved another's aside for a moment.
      if (attempt > 0) await sleep(SETTLE_MS);
      const holder = await readHolder(path);
      if (holder?.token === own.token) return held(path, own, work);
      throw busy(work, holder?.pid ?? 0);
    }
    const other = await readHolder(path);
    if (other !== undefined && !(await isAbandoned(path, other))) throw busy(work, other.pid);
    if (other !== undefined && attempt === 3) throw leftBehind(path, work);
    if (other !== undefined) await removeIfOf(path, other.token);
    else if (attempt === 3) throw busy(work, 0);
  }
}

async function make(path: string, own: Holder): Promise<boolean> {
  try {
    const handle = await open(path, "wx");
    try {
      await handle.writeFile(JSON.stringify(own));
    } catch (error) {
      // One that names nobody would stop everybody until it is stale. The error of a write does not say where it was.
      await rm(path, { force: true });
      throw Object.assign(error as Error, { path });
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** Whose lock it is; undefined when there is none. One that does not say so, because it was made just now, is nobody's yet. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    return { token: "", pid: 0, host: "" };
  }
}

async function isAbandoned(path: string, { pid, host }: Holder): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined || Date.now() - facts.mtimeMs > STALE_MS) return true;
  return host === os.hostname() && !isRunning(pid);
}

/** Removes the lock if it is still that of `token`; one that somebody else has made in the meantime is put back. */
async function removeIfOf(path: string, token: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readHolder(aside))?.token !== token) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

function held(path: string, own: Holder, work: string): WorkLock {
  const lost = new AbortController();
  const beat = setInterval(() => {
    void readHolder(path).then(async (holder) => {
      if (holder?.token === own.token) await utimes(path, new Date(), new Date());
      else lost.abort(busy(work, holder?.pid ?? 0));
    }).catch(() => {}); // prettier-ignore
  }, BEAT_MS);
  beat.unref();
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(beat);
      await removeIfOf(path, own.token);
    },
  };
}

/** Of another user, in a folder where only its owner may remove a file. */
function leftBehind(path: string, work: string): LacunaError {
  const sentence = `A process that is gone was ${work}, and what it left, ${path}, cannot be removed.`;
  return new LacunaError("downloadBusy", sentence, "Remove that file; it may be another user's.");
}

function busy(work: string, pid: number): LacunaError {
  const who = pid === 0 ? "Another process" : `Another process (${pid})`;
  return new LacunaError("downloadBusy", `${who} is ${work} already.`, "Wait until it is done, or end it.");
}
