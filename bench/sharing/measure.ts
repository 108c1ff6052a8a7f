/**
 * What a second window adds to the memory of engines: one that both share, and one for each.
 *
 *     npx tsx bench/sharing/measure.ts --out bench/records/DATE_NAME [--models models] [--threads 1]
 *
 * Each window completes at several places of a file of its own. Linux alone.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { EngineClient } from "../../src/client/engineClient.js";
import { joinEngine } from "../../src/client/joinEngine.js";
import { provenanceOf } from "../library/provenance.js";

const FILES = ["media/demo/example.py", "media/demo/connection.py"];
const SHARES = [0.3, 0.5, 0.7, 0.9];
const enginePath = path.resolve("dist/engine.js");

const options = {
  out: { type: "string" },
  models: { type: "string", default: "models" },
  threads: { type: "string", default: "1" },
} as const;

/** Memory of processes: what each holds, and the same with pages that several hold divided among them. */
interface Memory {
  readonly residentBytes: number;
  readonly proportionalBytes: number;
}

async function main(): Promise<void> {
  const { out, models: folder, threads } = parseArgs({ options }).values;
  if (out === undefined) {
    process.stderr.write("usage: tsx bench/sharing/measure.ts --out DIR [--models DIR] [--threads N]\n");
    process.exitCode = 2;
    return;
  }
  const command = `npx tsx bench/sharing/measure.ts --models ${path.basename(folder)} --threads ${threads}`;
  const provenance = await provenanceOf(command, ".", folder);
  const load = { modelsDir: path.resolve(folder), threads: Number(threads), device: "cpu" } as const;
  const meeting = mkdtempSync(path.join(os.tmpdir(), "lm-"));
  process.env.XDG_RUNTIME_DIR = meeting;
  const join = (): Promise<EngineClient> => joinEngine({ enginePath, configuration: load, onLog: () => {} });
  const own = (): Promise<EngineClient> => EngineClient.start({ enginePath });
  try {
    const results = { shared: await measure(join, load), own: await measure(own, load) };
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
    mkdirSync(out, { recursive: true });
    const settings = { files: FILES.map((file) => path.basename(file)), places: SHARES.length };
    const record = { benchmark: "sharing", ...provenance, device: "cpu", threads: load.threads, settings, results };
    writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  } finally {
    rmSync(meeting, { recursive: true, force: true });
  }
}

/** The memory of all engines with one window and with two. */
async function measure(open: () => Promise<EngineClient>, load: Parameters<EngineClient["load"]>[0]): Promise<object> {
  const windows: EngineClient[] = [];
  const memory: Memory[] = [];
  for (const file of FILES) {
    const window = await open();
    windows.push(window);
    await window.load(load);
    await type(window, file);
    // What is measured between requests has its memory, too.
    await window.calibrate();
    memory.push(memoryOf([...new Set(windows.map(({ identity }) => identity.pid))]));
  }
  await Promise.all(windows.map((window) => window.dispose()));
  const [one, two] = memory;
  return {
    one,
    two,
    added: { residentBytes: two.residentBytes - one.residentBytes, proportionalBytes: two.proportionalBytes - one.proportionalBytes },
  };
}

async function type(window: EngineClient, file: string): Promise<void> {
  const text = readFileSync(file, "utf8");
  const rule = { temperature: 0, topP: 1, seed: 1, maxTokens: 16, decoder: "deer", block: "auto" } as const;
  for (const share of SHARES) {
    const at = text.indexOf("\n", Math.floor(text.length * share)) + 1;
    await window.complete({ ...rule, prefix: text.slice(0, at), suffix: text.slice(at), document: `${file} ${share}` });
  }
}

function memoryOf(pids: readonly number[]): Memory {
  const sum = (name: string): number =>
    pids.reduce((all, pid) => {
      const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
      return all + Number(kilobytes) * 1024;
    }, 0);
  return { residentBytes: sum("Rss"), proportionalBytes: sum("Pss") };
}

void main();
