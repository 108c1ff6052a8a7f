import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../../src/protocol/errors.js";

/**
 * Results as they come, one JSON document a line, in `folder`/rows.jsonl: a run that was cut off goes on behind the last one.
 *
 * Lines of another `run` (another model, other options) are an error, not mixed in.
 */
export class ResultStore<T> {
  readonly #file: string;
  readonly #run: string;
  readonly results: T[];

  private constructor(file: string, run: string, results: T[]) {
    this.#file = file;
    this.#run = run;
    this.results = results;
  }

  /** @param run what the results depend on. @throws LacunaError `unreadableFile` when the folder holds results of another run */
  static async open<T>(folder: string, run: string): Promise<ResultStore<T>> {
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, "rows.jsonl");
    const text = await readFile(file, "utf8").catch(() => "");
    // A line that was cut off by a crash has no line break.
    const lines = text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "");
    const entries = lines.map((line) => JSON.parse(line) as { run: string; result: T });
    if (entries.some((entry) => entry.run !== run)) {
      throw new LacunaError("unreadableFile", `${file} holds results of other models or of another build.`, "Choose another folder with --out.");
    }
    return new ResultStore(
      file,
      run,
      entries.map(({ result }) => result),
    );
  }

  async add(result: T): Promise<void> {
    this.results.push(result);
    await appendFile(this.#file, `${JSON.stringify({ run: this.#run, result })}\n`);
  }
}
