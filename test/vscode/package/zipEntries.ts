import { readFileSync } from "node:fs";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;

export interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
}

/** What a zip archive without a comment holds, read from its central directory. @throws Error when it is not such an archive */
export function zipEntries(file: string): ZipEntry[] {
  const archive = readFileSync(file);
  const end = archive.length - END_BYTES;
  if (end < 0 || archive.readUInt32LE(end) !== END_SIGNATURE) throw new Error(`${file} does not end as a zip archive does`);
  let at = archive.readUInt32LE(end + 16);
  return Array.from({ length: archive.readUInt16LE(end + 10) }, () => {
    if (archive.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error(`${file} has no directory entry at byte ${at}`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const name = archive.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    const bytes = archive.readUInt32LE(at + 24);
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
    return { name, bytes };
  });
}
