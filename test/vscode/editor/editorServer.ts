import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { editorInstall, type EditorVersion, type InstalledEditor } from "./editorInstall.js";
import { removeFolder } from "./removeFolder.js";
import { USER_SETTINGS, writeSettings } from "./userSettings.js";

const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 5000;

export interface EditorServerOptions {
  readonly version?: EditorVersion | undefined;
  /** User settings beside the harness's own. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Seen by the extension host too. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** An extension to install before the start. */
  readonly vsix?: string | undefined;
  /** Whether the editor asks whether a folder is trusted; a new folder then is not. Default: every folder is trusted. */
  readonly asksForTrust?: boolean | undefined;
}

/** The editor's server: the extension host and the files, with a web workbench for a browser. */
export class EditorServer {
  /** Address and port. */
  readonly host: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(host: string, process: ChildProcess, folder: string) {
    this.host = host;
    this.#process = process;
    this.#folder = folder;
  }

  /** @throws EditorUnavailable when it cannot be installed, Error when it does not start */
  static async start(options: EditorServerOptions = {}): Promise<EditorServer> {
    const editor = editorInstall(options.version);
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-editor-"));
    const data = path.join(folder, "data");
    mkdirSync(path.join(folder, "extensions"));
    writeSettings(data, { ...USER_SETTINGS, ...options.settings });
    const folders = ["--server-data-dir", folder, "--user-data-dir", data, "--extensions-dir", path.join(folder, "extensions")];
    const common = ["--accept-server-license-terms", "--disable-telemetry", ...folders];
    const env = { ...process.env, HOME: folder, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env };
    try {
      if (options.vsix !== undefined) installExtension(editor, options.vsix, common, env);
      const port = await freePort();
      const address = ["--host", "127.0.0.1", "--port", String(port), "--without-connection-token"];
      const trust = options.asksForTrust === true ? [] : ["--disable-workspace-trust"];
      // Without the driver's flag the workbench does not load extensions or tests that its address names.
      const args = [editor.serverMain, ...common, ...address, ...trust, "--enable-smoke-test-driver"];
      const child = spawn(editor.node, args, { env, stdio: ["ignore", "pipe", "pipe"] });
      await isListening(child);
      return new EditorServer(`127.0.0.1:${port}`, child, folder);
    } catch (error) {
      await removeFolder(folder);
      throw error;
    }
  }

  /** Ends it and removes what it wrote. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      const kill = setTimeout(() => this.#process.kill("SIGKILL"), STOP_LIMIT_MS);
      this.#process.kill("SIGTERM");
      await ended;
      clearTimeout(kill);
    }
    // Its children outlive it by seconds and write until then.
    await removeFolder(this.#folder);
  }
}

function installExtension({ node, serverMain }: InstalledEditor, vsix: string, common: readonly string[], env: NodeJS.ProcessEnv): void {
  execFileSync(node, [serverMain, ...common, "--install-extension", vsix, "--force"], { env, stdio: ["ignore", "pipe", "pipe"] });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function isListening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`The editor's server ${why}.\n${output}`));
    };
    const limit = setTimeout(() => fail("did not start in time"), READY_LIMIT_MS);
    const read = (text: string): void => {
      output = (output + text).slice(-20_000);
      if (!output.includes("Extension host agent listening")) return;
      clearTimeout(limit);
      resolve();
    };
    child.stdout?.setEncoding("utf8").on("data", read);
    child.stderr?.setEncoding("utf8").on("data", read);
    child.once("exit", (code) => {
      clearTimeout(limit);
      fail(`ended (exit code ${code})`);
    });
  });
}
