import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseManifest } from "../src/protocol/manifest.js";

/** Writes what a benchmark measured, with the command, the commit, the machine and the models, as `folder`/result.json. */
export function writeRecord(folder: string, command: string, results: object): void {
  const manifest = parseManifest(readFileSync("models/manifest.json", "utf8"));
  const git = (...words: string[]): string => execFileSync("git", words, { encoding: "utf8" }).trim();
  const record = {
    command,
    commit: git("rev-parse", "HEAD"),
    isClean: git("status", "--porcelain", "--untracked-files=no") === "",
    machine: { cpu: os.cpus()[0]?.model ?? "unknown", cores: os.availableParallelism(), memoryBytes: os.totalmem(), node: process.version },
    load: os.loadavg()[0],
    models: manifest.models.map(({ name, weights, data }) => ({ name, weights, sha256: data.sha256 })),
    results,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}
