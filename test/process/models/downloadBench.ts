import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { downloadFromHub, type DownloadOptions, type DownloadResult } from "../../../src/models/download.js";
import { LacunaError, type ErrorCode } from "../../../src/protocol/errors.js";
import { HubServer, noise, sha256Of } from "./hubServer.js";

export const FILE = { repository: "owner/repository", file: "model.gguf" };
export const SIZE = 3_000_017;
export const PATIENCE = { idleMs: 300, tries: 4, firstPauseMs: 1, longestPauseMs: 4, longestAskedPauseMs: 2000 };
const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];

/** A hub with one file and an empty folder, for each test of a suite; the variables name no proxy. */
export class DownloadBench {
  server!: HubServer;
  folder = "";
  readonly #variables = new Map(PROXY_VARIABLES.map((name) => [name, process.env[name]]));

  /** Call it within `describe`. */
  constructor() {
    beforeEach(async () => {
      for (const name of PROXY_VARIABLES) delete process.env[name];
      this.server = await HubServer.start(noise(SIZE));
      this.folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-download-"));
    });
    afterEach(async () => {
      for (const [name, value] of this.#variables) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await this.server.stop();
      await rm(this.folder, { recursive: true });
    });
  }

  get target(): string {
    return path.join(this.folder, FILE.file);
  }

  get(options: Partial<DownloadOptions> = {}): Promise<DownloadResult> {
    return downloadFromHub(FILE, { folder: this.folder, settings: { endpoint: this.server.endpoint }, patience: PATIENCE, ...options });
  }

  /** Downloads, which must fail in this way. */
  async failsWith(code: ErrorCode, message: RegExp, options: Partial<DownloadOptions> = {}): Promise<LacunaError> {
    const failure = await this.get(options).then(() => undefined, (error: unknown) => error); // prettier-ignore
    assert.ok(failure instanceof LacunaError, `expected a LacunaError: ${String(failure)}`);
    assert.equal(failure.code, code, failure.message);
    assert.match(failure.message, message);
    assert.ok(failure.remedy.length > 10);
    return failure;
  }

  /** Asserts that the right file is there and nothing beside it. */
  async isWhole(): Promise<void> {
    assert.equal(sha256Of(await readFile(this.target)), this.server.sha256);
    assert.deepEqual(await readdir(this.folder), [FILE.file]);
  }

  async partBytes(): Promise<number> {
    return (await stat(`${this.target}.part`)).size;
  }

  /** Downloads a part of the file. */
  async leavePart(): Promise<void> {
    this.server.faults.push({ cutAfter: 1_000_000 });
    const controller = new AbortController();
    await this.get({ signal: controller.signal, onWait: () => controller.abort() });
  }
}
