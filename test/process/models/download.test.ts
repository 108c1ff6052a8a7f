import assert from "node:assert/strict";
import { mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { DownloadProgress } from "../../../src/models/download.js";
import { DownloadBench, PATIENCE, SIZE } from "./downloadBench.js";
import { COMMIT, noise } from "./hubServer.js";

describe("downloadFromHub", () => {
  const bench = new DownloadBench();

  it("gives the file its name when its hash is right, and leaves nothing beside it", async () => {
    const stages: DownloadProgress[] = [];
    const result = await bench.get({ onProgress: (progress) => stages.push(progress) });
    assert.deepEqual(result, { outcome: "done", path: bench.target, bytes: SIZE, sha256: bench.server.sha256, loadedBytes: SIZE });
    await bench.isWhole();
    assert.deepEqual([...new Set(stages.map(({ stage }) => stage))], ["asking", "loading", "checking"]);
    assert.deepEqual(stages.findLast(({ stage }) => stage === "loading"), { stage: "loading", bytes: SIZE, totalBytes: SIZE });
  });

  it("asks for the commit that the record is of", async () => {
    await bench.get();
    assert.deepEqual(bench.server.hubSeen.map(({ method, url }) => `${method} ${url}`), [
      "HEAD /owner/repository/resolve/main/model.gguf",
      `GET /owner/repository/resolve/${COMMIT}/model.gguf`,
    ]);
  });

  it("downloads nothing when the file is there already", async () => {
    await writeFile(bench.target, bench.server.content);
    const result = await bench.get();
    assert.equal(result.outcome === "done" && result.loadedBytes, 0);
    assert.equal(bench.server.storageSeen.length, 0);
  });

  it("replaces a file of the same name and size that has another hash", async () => {
    await writeFile(bench.target, noise(SIZE, 7));
    await bench.get();
    await bench.isWhole();
  });

  it("takes a file that is found elsewhere instead", async () => {
    const elsewhere = path.join(bench.folder, "elsewhere");
    const result = await bench.get({ findHere: async ({ sha256 }) => (sha256 === bench.server.sha256 ? elsewhere : undefined) });
    assert.equal(result.outcome === "done" && result.path, elsewhere);
    assert.equal(bench.server.storageSeen.length, 0);
  });

  describe("over a connection that breaks", () => {
    it("goes on where it stopped, on the condition that the file is the same", async () => {
      bench.server.faults.push({ cutAfter: 1_000_000 }, { cutAfter: 500_000 }, { cutAfter: 1 });
      const result = await bench.get();
      await bench.isWhole();
      assert.equal(result.outcome === "done" && result.loadedBytes, SIZE);
      const [first, ...others] = bench.server.storageSeen.map(({ headers }) => ({ range: headers.range, ifRange: headers["if-range"] }));
      assert.deepEqual(first, { range: undefined, ifRange: undefined });
      assert.equal(others.length, 3);
      for (const { range, ifRange } of others) {
        assert.match(range ?? "", /^bytes=[1-9]\d*-$/);
        assert.equal(ifRange, '"first"');
      }
    });

    it("stays patient as long as each try brings something", async () => {
      for (let cut = 0; cut < 3 * PATIENCE.tries; cut++) bench.server.faults.push({ cutAfter: 100_000 });
      await bench.get();
      await bench.isWhole();
    });

    it("gives up after some tries that bring nothing, keeps what is there, and goes on from it next time", async () => {
      bench.server.faults.push({ cutAfter: 1_000_000 }, ...Array.from({ length: PATIENCE.tries }, () => ({ cutAfter: 0 })));
      await bench.failsWith("hubUnreachable", /The connection to 127\.0\.0\.1:\d+ failed/);
      const kept = await bench.partBytes();
      assert.ok(kept > 0 && kept <= 1_000_000);
      const result = await bench.get();
      assert.equal(result.outcome === "done" && result.loadedBytes, SIZE - kept);
      await bench.isWhole();
    });

    it("gives up on a server that stops sending, and says for how long it was silent", async () => {
      bench.server.onStorageRequest = () => ({ stallAfter: 0 });
      await bench.failsWith("hubUnreachable", /has sent nothing for 300 milliseconds/);
      bench.server.onStorageRequest = () => undefined;
    });

    it("goes on when a server stalls and answers the next time", async () => {
      bench.server.faults.push({ stallAfter: 700_000 });
      bench.server.hubFaults.push({ stallAfter: 0 });
      await bench.get();
      await bench.isWhole();
    });

    it("waits for a slow server as long as bytes come", async () => {
      bench.server.content = noise(40_000);
      bench.server.faults.push({ pieceBytes: 4000, pauseMs: 60 });
      await bench.get();
      assert.equal(bench.server.storageSeen.length, 1);
      await bench.isWhole();
    });

    it("says that there is no connection when nobody answers", async () => {
      const settings = { endpoint: "http://127.0.0.1:9" };
      const { remedy } = await bench.failsWith("hubUnreachable", /The connection to 127\.0\.0\.1:9 failed/, { settings });
      assert.match(remedy, /Check the network/);
    });
  });

  describe("from a server that lies or changes", () => {
    it("refuses bytes from another place than it asked for", async () => {
      await bench.leavePart();
      bench.server.faults.push({ headers: { "content-range": `bytes 5-${SIZE - 1}/${SIZE}` } });
      const kept = await bench.partBytes();
      await bench.failsWith("downloadBroken", /was asked for the bytes of model\.gguf from \d+ on and gave others/);
      assert.equal(await bench.partBytes(), kept);
    });

    it("refuses a range of a file of another size, and one that says nothing", async () => {
      await bench.leavePart();
      for (const said of [`bytes ${await bench.partBytes()}-${SIZE}/${SIZE + 1}`, "bytes */*", "a lie"]) {
        bench.server.faults.push({ headers: { "content-range": said } });
        await bench.failsWith("downloadBroken", /gave others/);
      }
    });

    it("refuses more bytes than the file has", async () => {
      bench.server.faults.push({ body: noise(SIZE + 10), hidesLength: true });
      await bench.failsWith("downloadBroken", /sends more than the 3000017 bytes/);
    });

    it("asks for the record again when the server's file has another size", async () => {
      bench.server.faults.push({ body: noise(SIZE + 10) });
      await bench.get();
      await bench.isWhole();
      assert.equal(bench.server.hubSeen.filter(({ method }) => method === "HEAD").length, 2);
    });

    it("goes on when a body without a length ends too early", async () => {
      bench.server.faults.push({ body: bench.server.content.subarray(0, 1_000_000), hidesLength: true });
      await bench.get();
      await bench.isWhole();
    });

    it("begins anew when a server gives the whole file instead of the rest", async () => {
      await bench.leavePart();
      bench.server.faults.push({ ignoresRange: true });
      await bench.get();
      await bench.isWhole();
    });

    it("begins anew with the new file when the file has changed in between", async () => {
      await bench.leavePart();
      bench.server.content = noise(SIZE + 1234, 2);
      bench.server.etag = '"second"';
      await bench.get();
      await bench.isWhole();
      assert.equal((await stat(bench.target)).size, SIZE + 1234);
    });

    it("asks for the record again when the file changes during the download", async () => {
      bench.server.onStorageRequest = (count) => {
        if (count === 1) return { cutAfter: 1_000_000 };
        if (count === 2) {
          bench.server.content = noise(SIZE, 3);
          bench.server.etag = '"third"';
        }
        return undefined;
      };
      await bench.get();
      await bench.isWhole();
      assert.equal(bench.server.hubSeen.filter(({ method }) => method === "HEAD").length, 2);
    });

    it("does not mix two files when a server ignores the condition", async () => {
      await bench.leavePart();
      bench.server.faults.push({ ignoresIfRange: true });
      bench.server.etag = '"other"';
      await bench.get();
      await bench.isWhole();
    });

    it("gives up on a file that the record never fits", async () => {
      bench.server.linked = { "x-linked-size": String(SIZE + 1), "x-linked-etag": `"${bench.server.sha256}"` };
      await bench.failsWith("downloadBroken", /is not the one that its record describes/);
    });

    it("removes what has the wrong hash, and gets the right one the next time", async () => {
      bench.server.faults.push({ body: noise(SIZE, 9) });
      await bench.failsWith("downloadBroken", /its hash is another one\. It was removed/);
      assert.deepEqual(await readdir(bench.folder), []);
      await bench.get();
      await bench.isWhole();
    });

    it("begins anew when a part was damaged so that the server has nothing after it", async () => {
      await bench.leavePart();
      bench.server.faults.push({ status: 416, headers: { "content-range": `bytes */${SIZE}` } });
      await bench.get();
      await bench.isWhole();
    });

    it("does not go on with a part that has no note, a broken note, or the note of another file", async () => {
      for (const note of [undefined, "{", JSON.stringify({ sha256: "0".repeat(64), bytes: SIZE, etag: '"first"' })]) {
        await writeFile(`${bench.target}.part`, noise(1000, 5));
        if (note !== undefined) await writeFile(`${bench.target}.part.json`, note);
        await bench.get();
        await bench.isWhole();
        await rm(bench.target);
      }
      assert.ok(bench.server.storageSeen.every(({ headers }) => headers.range === undefined));
    });

    it("finishes a part that was whole when its process ended", async () => {
      await writeFile(`${bench.target}.part`, bench.server.content);
      await writeFile(`${bench.target}.part.json`, JSON.stringify({ sha256: bench.server.sha256, bytes: SIZE, etag: "" }));
      await bench.get();
      await bench.isWhole();
      assert.equal(bench.server.storageSeen.length, 0);
    });
  });

  it("a cancelled download keeps what has come and goes on with it", async () => {
    const controller = new AbortController();
    bench.server.faults.push({ pieceBytes: 100_000, pauseMs: 5 });
    const onProgress = ({ stage, bytes }: DownloadProgress): void => (stage === "loading" && bytes > 500_000 ? controller.abort() : undefined);
    const result = await bench.get({ signal: controller.signal, onProgress });
    assert.deepEqual(result, { outcome: "cancelled" });
    const kept = await bench.partBytes();
    assert.ok(kept > 500_000 && kept < SIZE);
    assert.deepEqual((await readdir(bench.folder)).sort(), ["model.gguf.part", "model.gguf.part.json"]);
    const second = await bench.get();
    assert.equal(second.outcome === "done" && second.loadedBytes, SIZE - kept);
    await bench.isWhole();
  });

  it("a download that is cancelled before it begins, during a pause, or while the hash is checked is cancelled", async () => {
    assert.deepEqual(await bench.get({ signal: AbortSignal.abort() }), { outcome: "cancelled" });
    const duringPause = new AbortController();
    bench.server.hubFaults.push({ status: 503, headers: { "retry-after": "2" } });
    const start = performance.now();
    assert.deepEqual(await bench.get({ signal: duringPause.signal, onWait: () => duringPause.abort() }), { outcome: "cancelled" });
    assert.ok(performance.now() - start < 1500);
    const whileChecking = new AbortController();
    const onProgress = ({ stage }: DownloadProgress): void => (stage === "checking" ? whileChecking.abort() : undefined);
    assert.deepEqual(await bench.get({ signal: whileChecking.signal, onProgress }), { outcome: "cancelled" });
    await bench.get();
    await bench.isWhole();
  });

  it("says how much room is missing before it writes anything", async () => {
    bench.server.linked = { "x-linked-size": String(2 ** 52), "x-linked-etag": `"${bench.server.sha256}"` };
    await bench.failsWith("diskFull", /has .* free; 4503599\.7 GB are needed/);
    assert.equal(bench.server.storageSeen.length, 0);
  });

  const itOnLinux = process.platform === "linux" ? it : (): void => {};
  itOnLinux("a disk that fills up in the middle is a failure that says so", async () => {
    await writeFile(`${bench.target}.part.json`, JSON.stringify({ sha256: bench.server.sha256, bytes: SIZE, etag: "" }));
    await symlink("/dev/full", `${bench.target}.part`);
    const { remedy } = await bench.failsWith("diskFull", /is full/);
    assert.match(remedy, /goes on where it stopped/);
  });

  it("a bench.folder that cannot be made or written to is a failure that names it", async () => {
    const file = path.join(bench.folder, "file");
    await writeFile(file, "");
    await bench.failsWith("unreadableFile", /cannot be written to/, { folder: path.join(file, "below") });
  });

  it("one process at a time writes a part", async () => {
    bench.server.onStorageRequest = () => ({ pieceBytes: 100_000, pauseMs: 10 });
    const first = bench.get();
    while (bench.server.storageSeen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { message } = await bench.failsWith("downloadBusy", /is downloading model\.gguf already/);
    assert.match(message, new RegExp(String(process.pid)));
    await first;
    await bench.isWhole();
  });

  it("takes over the lock of a process that is gone", async () => {
    await mkdir(bench.folder, { recursive: true });
    const gone = { token: "x", pid: 2 ** 22 + 1, host: os.hostname() };
    await writeFile(`${bench.target}.part.lock`, JSON.stringify(gone));
    await bench.get();
    await bench.isWhole();
  });
});
