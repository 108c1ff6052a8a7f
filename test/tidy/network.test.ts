import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { filesBelow } from "./filesBelow.js";

/** The module that downloads, the one that speaks to a team's server in a process of its own, and what chooses their proxy. */
const SPEAKS = ["src/models/hubRequest.ts", "src/network/proxyAgent.ts", "src/server/connection.ts"];
const NETWORK = /from "node:(http|https|http2|net|tls|dgram|dns)[/"]|\b(fetch|WebSocket|XMLHttpRequest|EventSource|sendBeacon)\s*\(|-proxy-agent"/;
/** They speak between processes of one machine: each socket is named by a path. */
const SPEAKS_LOCALLY = ["src/engine/door.ts", "src/meeting/entry.ts"];
const MAKES_SOCKET = /\bcreateConnection\(|\.listen\((?!\))/g;
const NAMES_PATH = /^\w*\.?\w+\(\{ path[:,} ]/;
const CALLS_DOWNLOAD = /\bdownloadFromHub\s*\(/;

describe("the network", () => {
  const files = filesBelow("src", ".ts").map((file) => ({ file, text: readFileSync(file, "utf8") }));
  const filesWith = (pattern: RegExp): string[] => files.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

  it("is reached from two modules and the one that chooses their proxy", () => {
    const isTypeOnly = (text: string): boolean => !NETWORK.test(text.replaceAll(/^import type .*$/gm, ""));
    const speaking = filesWith(NETWORK).filter((file) => !isTypeOnly(readFileSync(file, "utf8")));
    assert.deepEqual(speaking, [...SPEAKS_LOCALLY, ...SPEAKS].sort());
  });

  it("is not what windows and their engine meet in: they name each socket by a path", () => {
    const unnamed = (text: string): string[] =>
      [...text.matchAll(MAKES_SOCKET)].map(({ index }) => text.slice(index).replace(/^\./, "")).filter((call) => !NAMES_PATH.test(call));
    for (const file of SPEAKS_LOCALLY) {
      const text = readFileSync(file, "utf8");
      assert.notDeepEqual([...text.matchAll(MAKES_SOCKET)], []);
      assert.deepEqual(
        unnamed(text).map((call) => call.slice(0, 40)),
        [],
      );
    }
    assert.equal(
      unnamed('createConnection(80, "example.org"); server.listen(0); server.listen({ port: 0 }); createConnection({ path: a })').length,
      3,
    );
  });

  it("is used for a download that a person asks for, and nowhere else", () => {
    const hub = filesWith(/\baskHub\s*\(/);
    assert.deepEqual(hub, ["src/models/hubRecord.ts", "src/models/hubRequest.ts", "src/models/packageIndex.ts", "src/models/transfer.ts"]);
    assert.deepEqual(filesWith(CALLS_DOWNLOAD), ["src/cli/devicesGet.ts", "src/cli/modelsGet.ts", "src/models/download.ts"]);
  });

  it("is never reached from the engine, and from the editor through a process alone", () => {
    const importing = filesWith(/from "(\.\.\/)+server\//);
    assert.deepEqual(importing.filter((file) => !file.startsWith("src/cli/")), []); // prettier-ignore
  });

  it("is noticed however it is reached", () => {
    const ways = ['import http from "node:http"', 'import { get } from "node:https"', "await fetch(url)", "new WebSocket(url)"];
    for (const way of ways) assert.match(way, NETWORK);
    for (const other of ['import fs from "node:fs"', "prefetch (nothing)", "const fetched = 1"]) assert.doesNotMatch(other, NETWORK);
  });
});
