import type { Agent } from "node:http";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { LacunaError } from "../protocol/errors.js";

/**
 * What leads a request through a proxy; undefined where it goes straight.
 *
 * @param proxy address of the proxy; "" for none; undefined: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say
 * @throws LacunaError `hubUnreachable` when the proxy's address is none
 */
export function proxyAgentFor(url: URL, proxy: string | undefined): Agent | undefined {
  const address = proxy ?? getProxyForUrl(url.href);
  if (address === "") return undefined;
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    const remedy = "Set the proxy as http://HOST:PORT, in HTTPS_PROXY or in the editor's settings.";
    throw new LacunaError("hubUnreachable", "The address of the proxy is none that can be used.", remedy);
  }
  return url.protocol === "https:" ? new HttpsProxyAgent(address) : new HttpProxyAgent(address);
}
