import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { fileHash } from "../../src/models/fileHash.js";
import { HubServer, noise } from "./models/hubServer.js";
import type { DownloadingMessage } from "./downloadingProcess.js";

const SIZE = 200 * 2 ** 20;
const CUTS = 20;
/** What a sender may have sent into a connection that then breaks. */
const LOST_BYTES = 8 * 2 ** 20;
/** Buffers of a stream, pieces for the hash, and what the collector has not got to yet. */
const MEMORY_BYTES = 64 * 2 ** 20;

describe("a download of 200 MB", function () {
  this.timeout(120_000);
  let server: HubServer;
  let folder = "";

  before(async () => {
    server = await HubServer.start(noise(SIZE));
    folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-download-"));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs a process that downloads. @param killAt kills it when it has so many bytes */
  async function downloading(killAt = Infinity): Promise<DownloadingMessage | undefined> {
    const script = path.join(import.meta.dirname, "downloadingProcess.ts");
    const child = fork(script, [server.endpoint, folder, "owner/repository", "large.gguf"], { execArgv: ["--import=tsx"] });
    let last: DownloadingMessage | undefined;
    child.on("message", (message: DownloadingMessage) => {
      last = message;
      if (message.kind === "loading" && message.bytes >= killAt) child.kill("SIGKILL");
    });
    const [code] = (await once(child, "exit")) as [number | null];
    if (killAt === Infinity) assert.equal(code, 0);
    return last;
  }

  it("is cut 20 times at random and killed twice, and becomes one right file, in bounded memory", async () => {
    const random = createRandom(12);
    let cuts = 0;
    server.onStorageRequest = (_count, first) => {
      if (cuts === CUTS) return undefined;
      const remaining = SIZE - first;
      const cutAfter = Math.floor(((random.next() * 2 * remaining) / (CUTS - cuts + 1)) * 0.9);
      cuts += 1;
      return { cutAfter };
    };
    await downloading(SIZE * 0.2);
    await downloading(SIZE * 0.5);
    const last = await downloading();
    assert.ok(last?.kind === "done");
    assert.equal(cuts, CUTS);
    assert.equal(await fileHash(path.join(folder, "large.gguf")), server.sha256);
    assert.deepEqual(await readdir(folder), ["large.gguf"]);
    assert.ok(last.loadedBytes < SIZE * 0.6, `the last process loaded ${last.loadedBytes} bytes`);
    const excess = server.sentBytes - SIZE;
    assert.ok(excess < (CUTS + 2) * LOST_BYTES, `${excess} bytes were sent in vain`);
    assert.ok(last.grownBytes < MEMORY_BYTES, `memory grew by ${last.grownBytes} bytes`);
  });
});
