/** An error of the operating system as people can read it: what happened, and what to do. */
export interface SystemFailure {
  readonly message: string;
  readonly remedy: string;
}

const KNOWN: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: ["no space is left on the disk", "Free some space, or write to another disk."],
  EDQUOT: ["your share of the disk is used up", "Free some space, or write to another disk."],
  EFBIG: ["the file would be too large", "Write to another disk, or raise the limit for files."],
  EACCES: ["permission is denied", "Check the permissions, or choose another place."],
  EPERM: ["permission is denied", "Check the permissions, or choose another place."],
  EROFS: ["the disk is read-only", "Choose a place that can be written to."],
  ENOENT: ["it does not exist", "Check the path."],
  ENOTDIR: ["a part of its path is a file, not a folder", "Check the path."],
  EISDIR: ["it is a folder", "Check the path."],
  ENOTEMPTY: ["something was put into it meanwhile", "Try again, or choose another place."],
  ELOOP: ["its links lead in a circle", "Check the path."],
  ENAMETOOLONG: ["its name is too long", "Choose a shorter one."],
  EIO: ["the disk reports an error", "Check the disk, or choose another place."],
  EMFILE: ["too many files are open", "Close other programs, or raise the limit for open files."],
};

/** What the operating system refused; undefined for any other error. @param subject what was being used, where the error does not say it */
export function systemFailure(error: unknown, subject = "A file"): SystemFailure | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  const name = "path" in error && typeof error.path === "string" ? error.path : subject;
  const what = error.syscall === "write" || error.syscall === "ftruncate" ? "cannot be written" : "cannot be used";
  const [why, remedy] = KNOWN[String(error.code)] ?? [error.message, "Check the path and the disk."];
  return { message: `${name} ${what}: ${why}.`, remedy };
}
