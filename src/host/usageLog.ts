import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readUsage, UsageTable, type Usage, type UsageCounts } from "../measure/usageCounts.js";

/** From this size on the file is written anew, a line for each language and model. */
const LONGEST_BYTES = 256 * 2 ** 10;

/**
 * Counts of this person on this machine, over all windows: each window adds lines of its own to one file, and whoever asks sums them up.
 * Numbers, languages and names of models stand in it, and nothing that was written or suggested.
 */
export class UsageLog {
  readonly #file: string;
  readonly #pending = new UsageTable();

  constructor(folder: string) {
    this.#file = path.join(folder, "statistics.jsonl");
  }

  add(language: string, model: string, more: Partial<UsageCounts>): void {
    this.#pending.add(language, model, more);
  }

  /** Writes what was added. @throws Error of the file system; nothing that was added is lost then */
  flush(): void {
    const { rows } = this.#pending;
    if (rows.length === 0) return;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    appendFileSync(this.#file, linesOf(rows));
    this.#pending.clear();
    if (statSync(this.#file).size > LONGEST_BYTES) this.#shorten();
  }

  /** All counts, those not written yet included. @throws Error of the file system */
  read(): readonly Usage[] {
    const table = new UsageTable();
    for (const { language, model, ...counts } of [...this.#written(), ...this.#pending.rows]) table.add(language, model, counts);
    return table.rows;
  }

  /** Forgets everything. @throws Error of the file system */
  reset(): void {
    this.#pending.clear();
    rmSync(this.#file, { force: true });
  }

  #written(): Usage[] {
    try {
      return readFileSync(this.#file, "utf8").split("\n").flatMap((line) => readUsage(line) ?? []); // prettier-ignore
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  #shorten(): void {
    const partial = `${this.#file}.${process.pid}`;
    writeFileSync(partial, linesOf(this.read()));
    renameSync(partial, this.#file);
  }
}

function linesOf(rows: readonly Usage[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
