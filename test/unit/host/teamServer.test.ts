import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TeamServer, TeamServerOptions } from "../../../src/host/teamServer.js";
import { SETTINGS, type SettingKey } from "../../../src/contributions/settingsTable.js";
import { pause, ScriptedServer } from "../server/scriptedServer.js";
import { loadHost } from "./loadHost.js";

const KEY = "secret-key-8271";
const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Host {
  readonly TeamServer: new (options: TeamServerOptions) => TeamServer;
  readonly editor: typeof import("./teamServerStub.js");
}

describe("the server of a team, in the editor", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-server-"));
  const [first, second] = [new ScriptedServer(), new ScriptedServer()];
  let host: Host;
  let team: TeamServer;
  let url: string;
  let changed: (keys: readonly SettingKey[]) => void;
  let log: string[];

  before(async () => {
    await build({
      entryPoints: [path.join(root, "src/server/main.ts")],
      outfile: path.join(folder, "dist/server.js"),
      bundle: true,
      platform: "node",
    });
    await first.start();
    await second.start();
  });

  after(async () => {
    await first.stop();
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const server of [first, second]) {
      server.seen.length = 0;
      server.list = undefined;
    }
    host = await loadHost<Host>({ "host/teamServer": "TeamServer" }, "teamServerStub.ts");
    log = [];
    url = first.url;
  });

  afterEach(() => team.dispose());

  function open(): void {
    const settings = {
      get: (key: SettingKey) => (key === "server.url" ? url : SETTINGS[key].default),
      networkVariables: () => ({}),
      onDidChange: (listener: typeof changed) => {
        changed = listener;
        return { dispose: () => {} };
      },
    };
    const line = (text: string): void => void log.push(text);
    team = new host.TeamServer({
      context: { secrets: host.editor.secrets, asAbsolutePath: (file: string) => path.join(folder, file) } as never,
      settings: settings as never,
      log: { info: line, warn: line, error: line } as never,
      onState: () => {},
    });
  }

  const until = async (isSo: () => boolean): Promise<void> => {
    for (const start = performance.now(); !isSo() && performance.now() - start < 15_000;) await pause(20);
    assert.ok(isSo(), log.join("\n"));
  };

  it("is not asked where no address is set", async () => {
    url = "";
    open();
    await pause(100);
    assert.deepEqual([team.isWanted, team.isUp, team.life.state, first.seen.length], [false, false, "idle", 0]);
    await host.editor.commands.executeCommand("lacuna.setServerKey");
    assert.match(host.editor.shown.join(), /warning: Set lacuna\.server\.url first/);
  });

  it("gets nothing from a folder that is not trusted, until it is", async () => {
    host.editor.state.trusted = false;
    open();
    await pause(200);
    assert.deepEqual([team.isWanted, team.life.state, first.seen.length], [false, "idle", 0]);
    host.editor.trust();
    await until(() => team.isUp);
    assert.equal(team.state?.model, "qwen2.5-coder-7b");
  });

  it("gets the key that was set for it, which is asked for out of sight; another server does not", async () => {
    open();
    await until(() => team.isUp);
    assert.equal(first.seen.at(-1)!.key, undefined);
    host.editor.answers.input = ` ${KEY} `;
    await host.editor.commands.executeCommand("lacuna.setServerKey");
    await until(() => first.seen.at(-1)!.key === `Bearer ${KEY}`);
    assert.match(host.editor.shown.at(-1)!, /^hidden: Key for http:\/\/127\.0\.0\.1:/);
    url = second.url;
    changed(["server.url"]);
    await until(() => team.isUp && second.seen.length > 0);
    assert.ok(second.seen.every(({ key }) => key === undefined));
    url = first.url;
    changed(["server.url"]);
    await until(() => team.isUp && first.seen.at(-1)!.key !== undefined);
    host.editor.answers.input = "";
    await host.editor.commands.executeCommand("lacuna.setServerKey");
    await until(() => first.seen.at(-1)!.key === undefined);
    assert.equal(host.editor.kept.size, 0);
    assert.doesNotMatch(log.join("\n"), new RegExp(KEY));
  });

  it("hears no more of the server before from a process that was left while it asked", async () => {
    const [releaseFirst, releaseSecond] = [holdList(first), holdList(second)];
    open();
    await until(() => first.seen.length > 0);
    url = second.url;
    changed(["server.url"]);
    releaseFirst();
    await until(() => second.seen.length > 0);
    await pause(300);
    assert.deepEqual([team.isUp, team.state], [false, undefined]);
    releaseSecond();
    await until(() => team.isUp);
    assert.equal(team.state?.host, new URL(second.url).host);
  });
});

/** Keeps the server's list of models back until it is released. */
function holdList(server: ScriptedServer): () => void {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  server.list = async (response) => {
    await released;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(server.models));
  };
  return release;
}
