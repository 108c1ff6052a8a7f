import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { DownloadOptions } from "../../../src/models/download.js";
import { connectionFailure } from "../../../src/models/hubFailures.js";
import { Hitch } from "../../../src/network/patience.js";
import { LacunaError, type ErrorCode } from "../../../src/protocol/errors.js";
import { DownloadBench, FILE, PATIENCE, SIZE } from "./downloadBench.js";
import { HubServer, type Fault } from "./hubServer.js";

describe("what hub, storage and proxy answer", () => {
  const bench = new DownloadBench();

  const STATUSES: readonly [fault: Fault, code: ErrorCode, message: RegExp, remedy: RegExp, tries: number][] = [
    [{ status: 401 }, "hubRefused", /nobody it does not know, or there is no such repository/, /HF_TOKEN/, 1],
    [{ status: 401, headers: { "x-error-code": "GatedRepo" } }, "hubRefused", /accepted its conditions/, /Accept its conditions at/, 1],
    [{ status: 403 }, "hubRefused", /refuses to give .*403/, /HF_ENDPOINT/, 1],
    [{ status: 404 }, "hubMissing", /has no file model\.gguf in owner\/repository/, /lacuna models/, 1],
    [{ status: 407 }, "hubUnreachable", /proxy wants to know/, /NAME:PASSWORD/, 1],
    [{ status: 418 }, "hubUnusable", /418/, /HF_ENDPOINT/, 1],
    [{ status: 429 }, "hubBusy", /too many requests/, /in a while; a token/, PATIENCE.tries],
    [{ status: 429, headers: { "retry-after": "600" } }, "hubBusy", /too many requests/, /in 10 minutes/, 1],
    [{ status: 500 }, "hubBusy", /not able to answer .*500/, /goes on/, PATIENCE.tries],
    [{ status: 503 }, "hubBusy", /not able to answer .*503/, /goes on/, PATIENCE.tries],
  ];
  for (const [fault, code, message, remedy, tries] of STATUSES) {
    const what = `${fault.status}${fault.headers === undefined ? "" : ` with ${Object.values(fault.headers).join()}`}`;
    it(`status ${what} of the hub is ${code}, after ${tries} tries`, async () => {
      bench.server.hubFaults.push(...Array.from({ length: tries }, () => fault));
      const failure = await bench.failsWith(code, message);
      assert.match(failure.remedy, remedy);
      assert.equal(bench.server.hubSeen.length, tries);
      assert.deepEqual(await readdir(bench.folder), []);
    });

    it(`status ${what} of the storage is ${code} too`, async () => {
      bench.server.faults.push(...Array.from({ length: tries }, () => fault));
      await bench.failsWith(code, message);
      assert.equal(bench.server.storageSeen.length, tries);
    });
  }

  it("waits as long as a busy server asks, then goes on", async () => {
    const pauses: number[] = [];
    bench.server.faults.push({ status: 503, headers: { "retry-after": "1" } });
    await bench.get({ onWait: ({ pauseMs }) => pauses.push(pauseMs) });
    await bench.isWhole();
    assert.deepEqual(pauses, [1000]);
  });

  it("pauses longer and longer while nothing comes", async () => {
    const pauses: number[] = [];
    bench.server.faults.push({ status: 500 }, { status: 502 }, { status: 503 });
    await bench.get({ onWait: ({ pauseMs }) => pauses.push(pauseMs) });
    assert.deepEqual(pauses, [1, 2, 4]);
  });

  describe("the hub's record", () => {
    it("is read from the listing where a mirror leaves the headers out", async () => {
      bench.server.linked = {};
      bench.server.listing = [{ path: "other.gguf" }, { path: FILE.file, lfs: { oid: bench.server.sha256, size: SIZE } }];
      await bench.get();
      await bench.isWhole();
    });

    it("without a hash is refused before anything is downloaded", async () => {
      bench.server.linked = { "x-linked-size": String(SIZE), "x-linked-etag": '"not-a-hash"' };
      bench.server.listing = [{ path: FILE.file }];
      await bench.failsWith("hubUnusable", /does not say which hash/);
      assert.equal(bench.server.storageSeen.length, 0);
    });
  });

  describe("with a token", () => {
    const settings = (): DownloadOptions["settings"] => ({ endpoint: bench.server.endpoint, token: "hf_secret" });

    it("gives it to the hub and not to the storage that it redirects to", async () => {
      await bench.get({ settings: settings() });
      assert.deepEqual(bench.server.hubSeen.map(({ headers }) => headers.authorization), ["Bearer hf_secret", "Bearer hf_secret"]);
      assert.deepEqual(bench.server.storageSeen.map(({ headers }) => headers.authorization), [undefined]);
    });

    it("never names it, or the signature of an address, in a failure", async () => {
      for (const fault of [{ status: 403 }, { status: 404 }, { status: 500 }, { headers: { "content-length": "3" } }]) {
        bench.server.onStorageRequest = () => fault;
        const failure = await bench.get({ settings: settings() }).then(() => undefined, (error: unknown) => error as LacunaError); // prettier-ignore
        assert.ok(failure !== undefined);
        const told = `${failure.message} ${failure.remedy} ${failure.stack} ${String(failure.cause)}`;
        assert.doesNotMatch(told, /hf_secret|signature/);
      }
    });

    it("does not send it unencrypted to another machine", async () => {
      const unencrypted = { endpoint: "http://hub.invalid", token: "hf_secret" };
      const failure = await bench.failsWith("hubRefused", /is not sent to hub\.invalid unencrypted/, { settings: unencrypted });
      assert.doesNotMatch(`${failure.message}${failure.remedy}`, /hf_secret/);
    });
  });

  it("goes through a proxy that is set, or that the variables name, and around it for hosts in NO_PROXY", async () => {
    // A host that only the proxy knows; a proxy for http gets whole addresses.
    const endpoint = "http://hub.invalid";
    const proxy = await HubServer.start(bench.server.content);
    try {
      proxy.hubFaults.push({ status: 404 }, { status: 404 });
      await bench.failsWith("hubMissing", /hub\.invalid has no file/, { settings: { endpoint, proxy: proxy.endpoint } });
      process.env.http_proxy = proxy.endpoint;
      await bench.failsWith("hubMissing", /hub\.invalid has no file/, { settings: { endpoint } });
      process.env.no_proxy = "127.0.0.1";
      await bench.get();
      await bench.isWhole();
    } finally {
      delete process.env.no_proxy;
      await proxy.stop();
    }
    const asked = `${endpoint}/owner/repository/resolve/main/model.gguf`;
    assert.deepEqual(proxy.hubSeen.map(({ url }) => url), [asked, asked]);
  });

  it("asks a proxy for a tunnel to an encrypted host, and says when the proxy wants to know who asks", async () => {
    const tunnels: string[] = [];
    const proxy = http.createServer().on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    try {
      const settings = { endpoint: "https://hub.invalid", token: "hf_secret", proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
      await bench.failsWith("hubUnreachable", /proxy wants to know/, { settings });
      assert.deepEqual(tunnels, ["hub.invalid:443"]);
    } finally {
      proxy.close();
    }
  });

  it("a proxy's address that is none is a failure of its own", async () => {
    await bench.failsWith("proxyUnusable", /address of the proxy/, { settings: { endpoint: bench.server.endpoint, proxy: "socks5://x" } });
  });

  it("follows a redirect within the hub, as renamed repositories have", async () => {
    bench.server.hubFaults.push({ status: 307, headers: { location: "/new/name/resolve/main/model.gguf" } });
    await bench.get();
    await bench.isWhole();
  });

  it("does not follow a redirect in a circle, to a file, or nowhere", async () => {
    for (const location of ["/owner/repository/resolve/main/model.gguf", "file:///etc/passwd", "ftp://127.0.0.1/", "http://["]) {
      // The record, and then where the bytes are.
      bench.server.hubFaults.push({}, ...Array.from({ length: 12 }, () => ({ status: 302, headers: { location } })));
      await bench.failsWith("hubUnusable", /redirects (in a circle|to an address that is not followed)/);
      bench.server.hubFaults.length = 0;
    }
  });

  it("a certificate that is not to be trusted is told at once, a broken connection after some tries", () => {
    const failure = connectionFailure(Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }), "hub.invalid");
    assert.ok(failure instanceof LacunaError);
    assert.match(failure.remedy, /NODE_EXTRA_CA_CERTS/);
    assert.ok(connectionFailure(Object.assign(new Error("reset"), { code: "ECONNRESET" }), "hub.invalid") instanceof Hitch);
  });
});
