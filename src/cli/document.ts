import { createReadStream, fstatSync } from "node:fs";
import { LacunaError } from "../protocol/errors.js";

/** Larger files are refused: no editor opens them as text either. */
export const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

const NOT_TEXT_REMEDY = "Name a text file in UTF-8, or in UTF-16 with a byte order mark.";

/**
 * Reads a document.
 *
 * @param file a path, or "-" for `stdin`
 * @returns its text without byte order mark; a lone surrogate of a UTF-16 file stays as it is
 * @throws LacunaError `unreadableFile` or `notText`
 */
export async function readDocument(file: string, stdin: AsyncIterable<Uint8Array> & { readonly fd?: number }): Promise<string> {
  const name = file === "-" ? "standard input" : file;
  // Node reads nothing of a folder, and says nothing.
  if (file === "-" && stdin.fd !== undefined && isFolder(stdin.fd)) throw unreadable(name, Object.assign(new Error(), { code: "EISDIR" }));
  return decodeDocument(await readBytes(file === "-" ? stdin : createReadStream(file), name), name);
}

/**
 * Decodes UTF-8, or UTF-16 where a byte order mark says so.
 *
 * @param name what messages call the document
 * @throws LacunaError `notText` for anything else, a NUL character included
 */
export function decodeDocument(bytes: Uint8Array, name: string): string {
  const text = hasUtf16Mark(bytes) ? decodeUtf16(bytes, name) : decodeUtf8(bytes, name);
  if (text.includes("\0")) throw notText(`${name} is a binary file: it contains a NUL character.`);
  return text;
}

function isFolder(fd: number): boolean {
  try {
    return fstatSync(fd).isDirectory();
  } catch {
    return false;
  }
}

async function readBytes(stream: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_DOCUMENT_BYTES) break;
    }
  } catch (cause) {
    throw unreadable(name, cause);
  }
  if (bytes > MAX_DOCUMENT_BYTES) {
    const limit = `${MAX_DOCUMENT_BYTES / 1024 / 1024} MB`;
    throw new LacunaError("unreadableFile", `${name} is larger than ${limit}.`, "Name a smaller file, or pipe a part of it in with `-`.");
  }
  return Buffer.concat(chunks);
}

function hasUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function decodeUtf16(bytes: Uint8Array, name: string): string {
  if (bytes.length % 2 !== 0) throw notText(`${name} starts like UTF-16 but has an odd number of bytes.`);
  // Not TextDecoder: it would replace lone surrogates.
  const units = Buffer.from(bytes.subarray(2));
  return (bytes[0] === 0xfe ? units.swap16() : units).toString("utf16le");
}

function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notText(`${name} is not text: it is not valid UTF-8.`, cause);
  }
}

function notText(sentence: string, cause?: unknown): LacunaError {
  return new LacunaError("notText", sentence, NOT_TEXT_REMEDY, cause);
}

function unreadable(name: string, cause: unknown): LacunaError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return new LacunaError("unreadableFile", `There is no file ${name}.`, "Check the path.", cause);
  if (code === "EISDIR") return new LacunaError("unreadableFile", `${name} is a folder.`, "Name a file in it.", cause);
  if (code === "EACCES" || code === "EPERM") {
    return new LacunaError("unreadableFile", `There is no permission to read ${name}.`, "Check its permissions.", cause);
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LacunaError("unreadableFile", `${name} cannot be read: ${reason}.`, "Check the path and the disk.", cause);
}
