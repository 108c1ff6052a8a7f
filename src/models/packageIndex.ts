import { PATIENCE, patiently, type Wait } from "../network/patience.js";
import { LacunaError } from "../protocol/errors.js";
import type { HubFile } from "./catalogue.js";
import { statusFailure } from "./hubFailures.js";
import { bodyJson, type Asking, type HubRecord } from "./hubRecord.js";
import { askHub } from "./hubRequest.js";
import type { HubSettings } from "./hubSettings.js";

const DEFAULT_INDEX = "https://pypi.org/simple";
const VARIABLE = "PIP_INDEX_URL";
/** Source: https://packaging.python.org/en/latest/specifications/simple-repository-api/, version 1.1 of which tells sizes. */
const JSON_FORM = "application/vnd.pypi.simple.v1+json";

/** A project of a package index, of which a wheel is wanted. */
export interface WantedWheel {
  readonly project: string;
  /** Matches the names of wheels that will do; the first by name is taken. */
  readonly name: RegExp;
  /** In words, for messages. */
  readonly what: string;
}

/** What an index says of a file, as far as it says it. */
interface Listed {
  readonly filename: string;
  readonly url?: string;
  readonly size?: number;
  readonly hashes?: { readonly sha256?: string };
  readonly yanked?: boolean | string;
}

/**
 * Where Python packages are to be had: PIP_INDEX_URL, which pip reads too, or the Python package index.
 *
 * @throws LacunaError `hubUnusable` when the variable is no address
 */
export function indexSettings(variables: Readonly<Record<string, string | undefined>>): HubSettings {
  const given = variables[VARIABLE]?.trim() ?? "";
  const text = given === "" ? DEFAULT_INDEX : given;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    const remedy = `Set ${VARIABLE} to an address that begins with https://, or not at all.`;
    throw new LacunaError("hubUnusable", "The address of the package index is none.", remedy);
  }
  return { endpoint: text.replace(/\/+$/, ""), variable: VARIABLE };
}

/** As `wheelRecord`, patiently. @throws LacunaError; the reason of `signal` */
export function findWheel(
  wanted: WantedWheel,
  { settings, signal, onWait }: Pick<Asking, "settings" | "signal"> & { readonly onWait?: (wait: Wait) => void },
): Promise<HubRecord> {
  const ask = (): Promise<HubRecord> => wheelRecord(wanted, { settings, signal, idleMs: PATIENCE.idleMs });
  return patiently(ask, { patience: PATIENCE, signal, ...(onWait !== undefined && { onWait }) });
}

/**
 * Asks an index for its record of a wheel. The index says where its bytes are, on whatever host.
 *
 * @throws Hitch; LacunaError as in `statusFailure`, `hubMissing` when it has no such wheel, or `hubUnusable` when it does not say size and hash
 */
export async function wheelRecord({ project, name, what }: WantedWheel, asking: Asking): Promise<HubRecord> {
  const url = new URL(`${asking.settings.endpoint}/${project}/`);
  const file: HubFile = { repository: project, file: project };
  const answer = await askHub({ ...asking, file, method: "GET", url, headers: { accept: JSON_FORM }, followsAbroad: false });
  const { host } = answer.asked;
  if (answer.response.statusCode !== 200) {
    answer.response.destroy();
    throw statusFailure(answer.response, answer.asked);
  }
  const page = (await bodyJson(answer, asking)) as { readonly files?: unknown } | undefined;
  if (!Array.isArray(page?.files)) throw unusable(`${host} does not list ${project} in a form that is known`);
  const wheels = (page.files as Listed[]).filter(({ filename, yanked = false }) => name.test(filename) && yanked === false);
  const [wheel] = wheels.sort((a, b) => (a.filename < b.filename ? -1 : 1));
  if (wheel === undefined) {
    const remedy = `Check ${VARIABLE}: a mirror may not have all of what the index has.`;
    throw new LacunaError("hubMissing", `${host} has no ${what}.`, remedy);
  }
  const { filename, size = 0, hashes: { sha256 = "" } = {}, url: address = "" } = wheel;
  const isRecorded = Number.isSafeInteger(size) && size > 0 && /^[0-9a-f]{64}$/.test(sha256);
  if (!isRecorded) throw unusable(`${host} does not say size and hash of ${filename}`);
  const at = URL.canParse(address, url.href) ? new URL(address, url.href) : url;
  if (at.protocol !== "https:" && at.protocol !== url.protocol) throw unusable(`${host} gives an address of ${filename} that is not followed`);
  return { repository: project, file: filename, bytes: size, sha256, revision: "main", url: at };
}

function unusable(what: string): LacunaError {
  return new LacunaError("hubUnusable", `${what}.`, `Set ${VARIABLE} to an index that does, such as ${DEFAULT_INDEX}, or not at all.`);
}
