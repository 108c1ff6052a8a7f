import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Manifest } from "../../protocol/manifest.js";
import { runtimeVersion } from "../runtime/program.js";

/** Of so many pairs and settings the measurements are kept, the latest. */
const MOST_KEPT = 20;

/** Values that were found out about the models on this machine, by name. */
type Findings = Readonly<Record<string, unknown>>;
/** All of the file, the latest entry last. */
type Kept = readonly { readonly key: string; readonly findings: Findings }[];

/**
 * Remembers measurements from one start to the next: by the hashes of the models, the runtime's version, the processor and the
 * settings. A file that cannot be read or written is no failure: things are then measured again.
 */
export class CalibrationStore {
  readonly #file: string | undefined;
  readonly #key: string;
  #findings: Findings;

  private constructor(file: string | undefined, key: string) {
    this.#file = file;
    this.#key = key;
    this.#findings = readKept(file).find((each) => each.key === key)?.findings ?? {};
  }

  /** @param stateDir folder of the file; undefined: nothing outlives the process @param more whatever else the findings hang on */
  static open(stateDir: string | undefined, { models }: Manifest, threads: number, device: string, ...more: readonly string[]): CalibrationStore {
    const hashes = models.map(({ graph, data }) => [graph.sha256, data.sha256]);
    const facts = [hashes, runtimeVersion(), os.arch(), os.cpus()[0]?.model, threads, device, ...more];
    const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
    return new CalibrationStore(stateDir === undefined ? undefined : path.join(stateDir, "calibration.json"), key);
  }

  /** What is known by this name. */
  get<T>(name: string): T | undefined {
    return this.#findings[name] as T | undefined;
  }

  /** Keeps a value, in place of an earlier one. */
  put(name: string, value: unknown): void {
    this.#findings = { ...this.#findings, [name]: value };
    if (this.#file === undefined) return;
    // Another engine may have written meanwhile: its findings about other models stay.
    const others = readKept(this.#file).filter(({ key }) => key !== this.#key);
    const kept: Kept = [...others, { key: this.#key, findings: this.#findings }].slice(-MOST_KEPT);
    const part = `${this.#file}.${randomUUID()}`;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      writeFileSync(part, JSON.stringify(kept));
      renameSync(part, this.#file);
    } catch {
      discard(part);
    }
  }

  /** What is known by this name, or what `find` finds, which is then kept. */
  async remembered<T>(name: string, find: () => Promise<T>): Promise<T> {
    const known = this.get<T>(name);
    if (known !== undefined) return known;
    const found = await find();
    this.put(name, found);
    return found;
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing could be written there is nothing to remove.
  }
}

function isEntry(each: Partial<Kept[number]> | null): each is Kept[number] {
  return typeof each?.key === "string" && typeof each.findings === "object" && each.findings !== null;
}

function readKept(file: string | undefined): Kept {
  if (file === undefined) return [];
  try {
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(kept) ? kept.filter(isEntry) : [];
  } catch {
    return [];
  }
}
