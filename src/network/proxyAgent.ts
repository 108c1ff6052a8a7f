import type { Agent, AgentOptions } from "node:http";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { LacunaError } from "../protocol/errors.js";

/**
 * What leads a request through a proxy; undefined where it goes straight.
 *
 * @param proxy address of the proxy; "" for none; undefined: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say
 * @param options of the connections, such as whether they are kept
 * @throws LacunaError `proxyUnusable` when the proxy's address is none
 */
export function proxyAgentFor(url: URL, proxy: string | undefined, options: AgentOptions = {}): Agent | undefined {
  const address = proxy ?? getProxyForUrl(url.href);
  if (address === "") return undefined;
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    const remedy = "Set the proxy as http://HOST:PORT, in HTTPS_PROXY or in the editor's settings.";
    throw new LacunaError("proxyUnusable", "The address of the proxy is none that can be used.", remedy);
  }
  return url.protocol === "https:" ? new HttpsProxyAgent(address, options) : new HttpProxyAgent(address, options);
}
