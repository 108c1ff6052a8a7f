import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import path from "node:path";
import { createMessageConnection, ResponseError, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { keyOf, newEntry } from "../../../src/meeting/entry.js";
import { meetingFolder } from "../../../src/meeting/meetingFolder.js";
import { initializeRequest } from "../../../src/protocol/messages.js";
import { testPair } from "../../models/testPair.js";
import { enginePath } from "../engineFixture.js";
import { MeetingPlace } from "./windows.js";

const isWindows = process.platform === "win32";

describe("where windows meet their engine", () => {
  let place: MeetingPlace;
  beforeEach(() => {
    place = new MeetingPlace();
  });
  afterEach(() => place.close());

  /** The lines of a window's log that say why it has an engine of its own, after it was answered. */
  const whyAlone = async (): Promise<string[]> => {
    const window = place.open({ modelsDir: testPair });
    const { texts, failures, log } = await window.ask();
    assert.deepEqual([texts.length, failures, place.engines()], [1, [], []]);
    return log.filter((line) => line.includes("one of this window's own"));
  };

  it("is a folder that its owner alone can enter, and so are the sockets in it", async function () {
    if (isWindows) return;
    await place.join();
    const { mode } = (await import("node:fs")).statSync(place.folder);
    assert.equal(mode & 0o777, 0o700);
    assert.equal(place.sockets().length, 1);
  });

  it("is refused where others can enter the folder, with what to do, and the window works with an engine of its own", async function () {
    if (isWindows) return;
    mkdirSync(place.folder);
    chmodSync(place.folder, 0o755);
    const why = await whyAlone();
    assert.equal(why.length, 1);
    assert.match(why[0], /can be entered by others than its owner \(mode 755, not 700\)\. Remove .*lacuna/);
  });

  it("is refused where the folder is somebody else's, a link or a file", async function () {
    if (isWindows) return;
    mkdirSync(place.folder, { mode: 0o700 });
    const { getuid } = process;
    process.getuid = () => (getuid?.() ?? 0) + 1;
    try {
      await assert.rejects(meetingFolder(place.variables), { code: "meetingRefused", message: /belongs to user \d+, not to \d+/ });
    } finally {
      process.getuid = getuid!;
    }
    await meetingFolder(place.variables);
    const other = new MeetingPlace();
    try {
      symlinkSync(place.folder, other.folder);
      await assert.rejects(meetingFolder(other.variables), { code: "meetingRefused", message: /is not a folder/ });
    } finally {
      other.close();
    }
  });

  it("lies where a socket's path is short enough", async function () {
    if (isWindows) return;
    const long = path.join(place.folder, "x".repeat(100));
    mkdirSync(long, { recursive: true, mode: 0o700 });
    const folder = await meetingFolder({ XDG_RUNTIME_DIR: long });
    assert.ok(!folder.startsWith(long) && folder.endsWith(`lacuna-${process.getuid?.()}`), folder);
  });

  it("lets in no window of another build, which can tell by the answer", async function () {
    if (isWindows) return;
    const engine = await place.join();
    const socket = createConnection({ path: path.join(place.folder, place.sockets()[0]) });
    const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
    connection.listen();
    await assert.rejects(
      connection.sendRequest(initializeRequest, { build: "another" }),
      (error) => error instanceof ResponseError && (error.data as { code: string }).code === "buildMismatch",
    );
    connection.dispose();
    socket.destroy();
    assert.equal((await engine.usage()).residentBytes > 0, true);
  });

  it("is another one for another build, other models, other settings", async () => {
    const keys = [
      ["a", "engine.js", ["models", "{}", 0, "auto"]],
      ["b", "engine.js", ["models", "{}", 0, "auto"]],
    ];
    const others = [
      ["a", "engine.js", ["models", "{}", 4, "auto"]],
      ["a", "engine.js", ["models", "{ }", 0, "auto"]],
    ];
    assert.equal(new Set([...keys, ...others].map(keyOf)).size, 4);
    const windows = [place.open({ modelsDir: testPair }), place.open({ modelsDir: testPair, threads: 2 })];
    const [[one], [other]] = (await Promise.all(windows.map((window) => window.ask()))).map(({ pids }) => pids);
    assert.notEqual(one, other);
    assert.equal(place.engines().length, 2);
  });

  describe("and something else listens in the engine's place", function () {
    let server: Server | undefined;
    afterEach(() => server?.close());

    /** Listens where a window looks for its engine. */
    const listen = async (answer: string): Promise<void> => {
      await meetingFolder(place.variables);
      const manifest = readFileSync(path.join(testPair, "manifest.json"), "utf8");
      const entry = newEntry(keyOf(["source", enginePath, [testPair, manifest, 1, "cpu", undefined]]));
      server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.write(answer)));
      await new Promise<void>((resolve) => server!.listen({ path: path.join(place.folder, entry) }, resolve));
    };
    const answerOf = (body: object): string => {
      const text = JSON.stringify({ jsonrpc: "2.0", id: 0, ...body });
      return `Content-Length: ${text.length}\r\n\r\n${text}`;
    };

    for (const [what, answer, why] of [
      ["speaks another language", "HTTP/1.1 400 Bad Request\r\n\r\n", /does not speak as an engine does/],
      ["is of another build", answerOf({ error: { code: -32000, message: "no", data: { code: "buildMismatch", remedy: "" } } }), /another build/],
      ["knows no such message", answerOf({ error: { code: -32601, message: "no" } }), /is none/],
    ] as const) {
      it(`${what}: it is told in a line, and the window works with an engine of its own`, async function () {
        if (isWindows) return;
        await listen(answer);
        const lines = await whyAlone();
        assert.equal(lines.length, 1);
        assert.match(lines[0], why);
      });
    }
  });

  it("is cleared of sockets where nobody listens, also of other settings", async function () {
    if (isWindows) return;
    const [former] = (await place.open({ modelsDir: testPair, threads: 2 }).ask()).pids;
    process.kill(former, "SIGKILL");
    assert.equal(place.sockets().length, 1);
    const window = place.open({ modelsDir: testPair });
    const [pid] = (await window.ask()).pids;
    while (place.sockets().length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    const [stale] = place.sockets();
    process.kill(pid, "SIGKILL");
    writeFileSync(path.join(place.folder, "note"), "");
    const asked = await window.ask();
    assert.notEqual(asked.pids[0], pid);
    assert.deepEqual(place.sockets().includes(stale), false);
    assert.deepEqual(readdirSync(place.folder).length, 2);
  });
});
