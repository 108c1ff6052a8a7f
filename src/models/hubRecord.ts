import { LacunaError } from "../protocol/errors.js";
import type { HubFile } from "./catalogue.js";
import { statusFailure } from "./hubFailures.js";
import { askHub, piecesOf, type HubAnswer, type HubRequest } from "./hubRequest.js";

/** What the hub says a file is. */
export interface HubRecord extends HubFile {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The commit that this is said of; "main" where the hub does not name one. */
  readonly revision: string;
  /** Where its bytes are to be had; default: in its repository. */
  readonly url?: URL;
}

export type Asking = Pick<HubRequest, "settings" | "idleMs" | "signal">;

const MAX_LISTING_BYTES = 4 * 2 ** 20;

/** Where a file of a repository is to be had. */
export function resolveUrl(endpoint: string, { repository, file }: HubFile, revision: string): URL {
  return new URL(`${endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${encodedPath(file)}`);
}

/**
 * Asks the hub for its own record of a file. The address of a file that is kept in large-file storage answers with `X-Linked-Size` and
 * `X-Linked-Etag`, the file's SHA-256, before it redirects to the storage; a mirror that leaves them out still has the listing of the
 * repository. Source: https://huggingface.co/docs/huggingface_hub/package_reference/file_download, `get_hf_file_metadata`.
 *
 * @throws Hitch; LacunaError, as in `statusFailure`, or `hubUnusable` when the record has no hash
 */
export async function hubRecord(file: HubFile, asking: Asking): Promise<HubRecord> {
  const { endpoint } = asking.settings;
  const answer = await askHub({ ...asking, file, method: "HEAD", url: resolveUrl(endpoint, file, "main"), followsAbroad: false });
  const { headers, statusCode = 0 } = answer.response;
  answer.response.destroy();
  const revision = /^[0-9a-f]{40}$/.exec(single(headers["x-repo-commit"]))?.[0] ?? "main";
  const linked = facts(Number(single(headers["x-linked-size"])), single(headers["x-linked-etag"]));
  if (linked !== undefined) return { ...file, ...linked, revision };
  if (statusCode >= 400) throw statusFailure(answer.response, answer.asked);
  const listed = await listing(file, revision, asking);
  const entry = listed.find((each) => each.path === file.file);
  const found = facts(entry?.lfs?.size ?? Number.NaN, entry?.lfs?.oid ?? "");
  if (found !== undefined) return { ...file, ...found, revision };
  const sentence = `${answer.asked.host} does not say which hash ${file.file} must have.`;
  throw new LacunaError("hubUnusable", sentence, "Use the hub itself, or a mirror that passes its record on: check HF_ENDPOINT.");
}

/** Size and hash, where both are such. */
function facts(bytes: number, etag: string): { bytes: number; sha256: string } | undefined {
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(etag)?.[1].toLowerCase();
  return Number.isSafeInteger(bytes) && bytes > 0 && sha256 !== undefined ? { bytes, sha256 } : undefined;
}

interface Listed {
  readonly path: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}

/** The entries of the folder that holds the file. Source: https://huggingface.co/docs/hub/api, `/api/models/{repo_id}/tree/{revision}`. */
async function listing(file: HubFile, revision: string, asking: Asking): Promise<readonly Listed[]> {
  const folder = file.file.includes("/") ? `/${encodedPath(file.file.slice(0, file.file.lastIndexOf("/")))}` : "";
  const url = new URL(`${asking.settings.endpoint}/api/models/${file.repository}/tree/${encodeURIComponent(revision)}${folder}`);
  const answer = await askHub({ ...asking, file, method: "GET", url, followsAbroad: false });
  if (answer.response.statusCode !== 200) {
    answer.response.destroy();
    throw statusFailure(answer.response, answer.asked);
  }
  const entries = await bodyJson(answer, asking);
  return Array.isArray(entries) ? (entries as Listed[]) : [];
}

/** What an answer says as JSON; undefined where it is none, or far too long. @throws Hitch; the reason of `signal` */
export async function bodyJson(answer: HubAnswer, asking: Asking): Promise<unknown> {
  const text = await bodyText(answer, asking);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function bodyText(answer: HubAnswer, { idleMs, signal }: Asking): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(answer, idleMs, signal)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_LISTING_BYTES) return "";
  }
  return Buffer.concat(pieces).toString("utf8");
}

const encodedPath = (file: string): string => file.split("/").map(encodeURIComponent).join("/");

/** A header's value; "" when it is absent. */
function single(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? "";
}
