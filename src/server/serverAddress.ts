import { LacunaError } from "../protocol/errors.js";

/** Where a server is, and the key that it wants. */
export interface ServerAddress {
  /** What comes before /v1, without a slash at the end. */
  readonly base: URL;
  readonly key: string | undefined;
}

/** Whether an address is this machine's own. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Reads the address of a server. Its messages show nothing of the address but the host.
 *
 * @param url with or without /v1 at its end; @param key sent encrypted, or within this machine
 * @throws LacunaError `serverUnusable`, `serverRefused`
 */
export function serverAddress(url: string, key: string | undefined): ServerAddress {
  const base = URL.canParse(url.trim()) ? new URL(url.trim()) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    const remedy = "Set lacuna.server.url to an address such as https://HOST or http://HOST:8000.";
    throw new LacunaError("serverUnusable", "The address of the server is none that can be used.", remedy);
  }
  if (base.username !== "" || base.password !== "" || base.search !== "") {
    const remedy = "Take name, password and what follows the ? out of lacuna.server.url, and set the key with the command Lacuna: Set Server Key.";
    throw new LacunaError("serverUnusable", "The address of the server holds something that belongs into a key.", remedy);
  }
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new LacunaError("serverRefused", "The key holds characters that no key has.", "Set it again, with the command Lacuna: Set Server Key.");
  }
  if (key !== undefined && base.protocol !== "https:" && !isLoopback(base)) {
    const remedy = "Have the server use https://, or reach it through a tunnel that begins on this machine, such as ssh -L.";
    throw new LacunaError("serverRefused", `A key is not sent to ${base.host} unencrypted.`, remedy);
  }
  base.hash = "";
  base.pathname = base.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  return { base, key };
}
