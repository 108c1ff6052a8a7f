import type { IncomingMessage } from "node:http";
import { LacunaError } from "../protocol/errors.js";
import { parseContentRange } from "./contentRange.js";
import { diskFailure } from "./diskFailure.js";
import { statusFailure } from "./hubFailures.js";
import { resolveUrl, type Asking, type HubRecord } from "./hubRecord.js";
import { askHub, piecesOf } from "./hubRequest.js";
import { checkedFirst } from "./hubSettings.js";
import type { PartFile } from "./partFile.js";
import { Hitch } from "../network/patience.js";

/** The file on the server is another one than the record says: it must be asked for its record again. */
export class FileChanged extends Error {
  override readonly name = "FileChanged";
}

/**
 * Asks once for the bytes that a part lacks, and adds what comes. A range is asked for on the condition (If-Range) that the file is
 * still the one whose bytes are there; a server that gives the whole file instead makes the part begin anew.
 *
 * @param onBytes called after each piece
 * @throws Hitch when the answer is cut off, stalls or may be another one next time; FileChanged; LacunaError `downloadBroken` when the
 *   server gives other bytes than it was asked for, and as in `askHub`, `statusFailure`, `diskFailure`
 */
export async function transfer(part: PartFile, record: HubRecord, asking: Asking, onBytes: () => void): Promise<void> {
  const from = part.bytes;
  const headers: Record<string, string> = {
    ...(from > 0 && { range: `bytes=${from}-` }),
    ...(from > 0 && part.etag !== "" && { "if-range": part.etag }),
  };
  const url = record.url ?? resolveUrl(asking.settings.endpoint, record, record.revision);
  const broken = (what: string): LacunaError => brokenDownload(what, checkedFirst(asking.settings));
  const answer = await askHub({ ...asking, file: record, method: "GET", url, headers, followsAbroad: true });
  const { response } = answer;
  const { host } = answer.asked;
  try {
    if (response.statusCode === 416) {
      await part.restart();
      throw new Hitch(broken(`${host} says that there are no bytes after the first ${from} of ${record.file}`));
    }
    if (response.statusCode === 206) await checkRange(response, part, record, (said) => broken(`${host} ${said}`));
    else if (response.statusCode !== 200) throw statusFailure(response, answer.asked);
    else await checkWhole(response, part, record);
    await onDisk(part, () => part.setEtag(strongEtag(response)));
    for await (const piece of piecesOf(answer, asking.idleMs, asking.signal)) {
      if (part.bytes + piece.length > record.bytes) {
        throw broken(`${host} sends more than the ${record.bytes} bytes that ${record.file} has`);
      }
      await onDisk(part, () => part.append(piece));
      onBytes();
    }
  } finally {
    response.destroy();
  }
  if (part.bytes < record.bytes) throw new Hitch(broken(`${host} stopped after ${part.bytes} of ${record.bytes} bytes of ${record.file}`));
}

/** An answer with a part of the file: it must be the one that was asked for, of the file that was asked for. @param broken a failure in words */
async function checkRange(response: IncomingMessage, part: PartFile, record: HubRecord, broken: (what: string) => LacunaError): Promise<void> {
  const range = parseContentRange(response.headers["content-range"]);
  const etag = strongEtag(response);
  if (part.etag !== "" && etag !== "" && etag !== part.etag) {
    await onDisk(part, () => part.restart());
    throw new FileChanged();
  }
  if (range?.first === part.bytes && (range.total ?? record.bytes) === record.bytes) return;
  const said = response.headers["content-range"] ?? "nothing";
  throw broken(`was asked for the bytes of ${record.file} from ${part.bytes} on and gave others (${said.slice(0, 80)})`);
}

/** An answer with the whole file, though perhaps only a part was asked for. */
async function checkWhole(response: IncomingMessage, part: PartFile, record: HubRecord): Promise<void> {
  const length = response.headers["content-length"];
  if (length !== undefined && Number(length) !== record.bytes) throw new FileChanged();
  const isOther = part.bytes > 0 && part.etag !== "" && strongEtag(response) !== part.etag;
  if (part.bytes > 0) await onDisk(part, () => part.restart());
  if (isOther) throw new FileChanged();
}

/** A validator that says that bytes are the same; one that begins with W/ does not. Source: RFC 9110, section 13.1.5. */
function strongEtag(response: IncomingMessage): string {
  const { etag } = response.headers;
  return etag !== undefined && /^"[^"\r\n]*"$/.test(etag) ? etag : "";
}

async function onDisk(part: PartFile, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw diskFailure(error, part.path);
  }
}

function brokenDownload(what: string, checked: string): LacunaError {
  return new LacunaError("downloadBroken", `${what}.`, `Run it again; if that does not help, check ${checked}.`);
}
