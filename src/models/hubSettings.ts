import { LacunaError } from "../protocol/errors.js";

/** How to reach the model hub, or another server of files. */
export interface HubSettings {
  /** Address of the server or of a mirror of it, without a slash at the end. */
  readonly endpoint: string;
  /** The variable that names the endpoint, where it is not that of the model hub: messages are then without what the hub alone has. */
  readonly variable?: string;
  /** Sent to the endpoint's host alone, and never shown or logged. */
  readonly token?: string | undefined;
  /** Address of a proxy; "" for none; undefined: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say. */
  readonly proxy?: string | undefined;
}

export const DEFAULT_ENDPOINT = "https://huggingface.co";

/**
 * Settings from the variables that the hub's own programs read: HF_ENDPOINT, HF_TOKEN, and HUGGING_FACE_HUB_TOKEN, which is older.
 *
 * @param given what a person has set elsewhere, which goes before the variables
 * @throws LacunaError `hubUnusable` when the endpoint is no address
 */
export function hubSettings(variables: Readonly<Record<string, string | undefined>>, given: Partial<HubSettings> = {}): HubSettings {
  const text = [given.endpoint, variables.HF_ENDPOINT].find(isGiven) ?? DEFAULT_ENDPOINT;
  const token = [given.token, variables.HF_TOKEN, variables.HUGGING_FACE_HUB_TOKEN].find(isGiven)?.trim();
  const endpoint = URL.canParse(text) ? new URL(text) : undefined;
  if (endpoint === undefined || !/^https?:$/.test(endpoint.protocol)) {
    const remedy = "Set HF_ENDPOINT to an address that begins with https://, or not at all.";
    throw new LacunaError("hubUnusable", `The address of the hub, ${text}, is none.`, remedy);
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new LacunaError("hubRefused", "The token for the hub has characters that no token has.", "Check HF_TOKEN.");
  }
  return { endpoint: endpoint.href.replace(/\/+$/, ""), token, proxy: given.proxy };
}

/** What to look at when a server gives something else than it should. */
export function checkedFirst({ variable = "HF_ENDPOINT" }: HubSettings): string {
  return `${variable} and the proxy`;
}

const isGiven = (text: string | undefined): boolean => text !== undefined && text.trim() !== "";
