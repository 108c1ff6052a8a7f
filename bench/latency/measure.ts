/**
 * Types keys from a real file into a real editor, with and without the extension, and writes how long ghost text takes; then the same
 * after jumps of the cursor.
 *
 *     npx tsx bench/latency/measure.ts --out bench/records/DATE_NAME [--models DIR] [--keys 200] [--jumps 50] [--file canvas.ts] [--appear often]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { EditorPage } from "../../test/vscode/editor/editorPage.js";
import { provenanceOf } from "../library/provenance.js";
import { floorExtension } from "./floorExtension.js";
import { engineCpuMs } from "../../test/vscode/editor/engineProcesses.js";
import { ghostRecord, watchGhost } from "../../test/vscode/editor/ghostWatch.js";
import { keyLatencies, summarize, type KeyLatency } from "./keyLatencies.js";

const KEY_INTERVAL_MS = 200;
const FLOOR_KEYS = 60;
const REPEATS = 30;
const WARM_UP_LIMIT_MS = 60_000;
const LAST_KEY_MS = 2000;
const ENGINE = path.resolve(import.meta.dirname, "../../dist/engine.js");
/** What a person rests between the end of a jump and the key. */
const JUMP_REST_MS = 500;
/** How long ghost text is waited for behind a jump. */
const JUMP_LIMIT_MS = 8000;
/** Places that one jump passes over; has no divisor in common with most numbers of lines. */
const JUMP_STRIDE = 37;

interface Typist {
  readonly editor: EditorPage;
  readonly file: string;
  /** 1-based; the text from here on is cut and typed again. */
  readonly line: number;
}

/** The keys that type `text`; the editor indents new lines itself. */
function keysOf(text: string): string[] {
  return [...text.replaceAll(/\n[ \t]*/g, "\n")].map((character) => (character === "\n" ? "Enter" : character));
}

/** Cuts some lines out of the file, so that what is typed again has text after it, as in editing. @returns the keys that type them again */
async function cutLines({ editor, file, line }: Typist, keys: number): Promise<string[]> {
  const lines = editor.fileText(file).split("\n");
  let count = 0;
  let typed: string[] = [];
  while (typed.length < keys && line + count < lines.length) typed = keysOf(lines.slice(line - 1, line - 1 + (count += 1)).join("\n"));
  await editor.goTo(line, 1);
  for (let index = 1; index < count; index += 1) await editor.page.keyboard.press("Shift+ArrowDown");
  await editor.page.keyboard.press("Shift+End");
  await editor.page.keyboard.press("Delete");
  return typed.slice(0, keys);
}

/** Types with the same time between keys, whatever the editor takes. */
async function typeKeys(editor: EditorPage, keys: readonly string[]): Promise<void> {
  const start = performance.now();
  for (const [index, key] of keys.entries()) {
    await editor.page.waitForTimeout(Math.max(0, start + index * KEY_INTERVAL_MS - performance.now()));
    await editor.page.keyboard.press(key);
  }
  await editor.page.waitForTimeout(LAST_KEY_MS);
}

function report(latencies: readonly KeyLatency[]): object {
  const ofKind = (kind: KeyLatency["kind"]): number[] => latencies.flatMap((each) => (each.kind === kind && each.ms !== undefined ? [each.ms] : []));
  return {
    keys: latencies.length,
    withoutGhost: latencies.filter(({ kind }) => kind === "none").length,
    fresh: summarize(ofKind("fresh")),
    kept: summarize(ofKind("kept")),
  };
}

async function measureFloor(file: string): Promise<readonly KeyLatency[]> {
  const extension = floorExtension();
  const editor = await EditorPage.open({ file, extension: extension.folder });
  try {
    const keys = await cutLines({ editor, file, line: 12 }, FLOOR_KEYS);
    await warmUp(editor);
    await watchGhost(editor.page);
    await typeKeys(editor, keys);
    return keyLatencies(await ghostRecord(editor.page));
  } finally {
    await editor.close();
    extension.remove();
  }
}

interface Run {
  readonly file: string;
  readonly models: string | undefined;
  readonly appear: string;
  readonly keys: number;
  readonly jumps: number;
}

interface Measured {
  readonly typed: readonly KeyLatency[];
  readonly repeated: readonly KeyLatency[];
  readonly jumped: readonly KeyLatency[];
  /** Processor time of the engine for a thousand keys, in seconds. */
  readonly engineSecondsPerThousandKeys: number;
}

async function measureExtension({ file, models, appear, keys: count, jumps }: Run): Promise<Measured> {
  const ownModels = models === undefined ? {} : { "lacuna.modelsPath": path.resolve(models) };
  const editor = await EditorPage.open({ file, settings: { "lacuna.suggestions.appear": appear, ...ownModels } });
  try {
    const keys = await cutLines({ editor, file, line: 12 }, count);
    const last = keys.at(-1) ?? "";
    await warmUp(editor);
    await watchGhost(editor.page);
    const before = engineCpuMs(ENGINE);
    await typeKeys(editor, keys);
    const engineSecondsPerThousandKeys = (engineCpuMs(ENGINE) - before) / keys.length;
    const typed = keyLatencies(await ghostRecord(editor.page));
    // The same place is asked for again and again: what the extension remembers.
    for (let index = 0; index < REPEATS; index += 1) await typeKeys(editor, ["Backspace", last]);
    const all = keyLatencies(await ghostRecord(editor.page)).slice(keys.length);
    const repeated = all.filter(({ key }) => key === last);
    return { typed, repeated, jumped: await measureJumps(editor, file, jumps), engineSecondsPerThousandKeys };
  } finally {
    await editor.close();
  }
}

/** Goes to ends of lines that are far from each other, and types a letter there that is taken away again. */
async function measureJumps(editor: EditorPage, file: string, jumps: number): Promise<KeyLatency[]> {
  const lines = editor.fileText(file).split("\n");
  const places = lines.flatMap((line, index) => (line.trim() === "" ? [] : [{ line: index + 1, column: line.length + 1 }]));
  const jumped: KeyLatency[] = [];
  for (let jump = 0; jump < jumps; jump += 1) {
    const { line, column } = places[(jump * JUMP_STRIDE) % places.length];
    await editor.goTo(line, column);
    await editor.page.waitForTimeout(JUMP_REST_MS);
    await watchGhost(editor.page);
    await editor.page.keyboard.press("a");
    await editor.waitForGhost((ghost) => ghost !== "", JUMP_LIMIT_MS).catch(() => undefined);
    jumped.push(...keyLatencies(await ghostRecord(editor.page)));
    await editor.page.keyboard.press("Escape");
    await editor.page.keyboard.press("Backspace");
  }
  return jumped;
}

/** Types and deletes until there is ghost text: the extension starts late, and the engine loads its models at the first request. */
async function warmUp(editor: EditorPage): Promise<void> {
  const end = performance.now() + WARM_UP_LIMIT_MS;
  for (let isWarm = false; !isWarm;) {
    if (performance.now() > end) throw new Error(`There was no ghost text in ${WARM_UP_LIMIT_MS / 1000} s.`);
    await editor.page.keyboard.type("re");
    await editor.page.waitForTimeout(LAST_KEY_MS);
    isWarm = (await editor.ghostText()) !== "";
    await editor.page.keyboard.press("Escape");
    await editor.page.keyboard.press("Backspace");
    await editor.page.keyboard.press("Backspace");
  }
  await editor.page.waitForTimeout(LAST_KEY_MS);
}

async function main(): Promise<void> {
  const options = {
    out: { type: "string" },
    models: { type: "string" },
    keys: { type: "string", default: "200" },
    jumps: { type: "string", default: "50" },
    file: { type: "string", default: "canvas.ts" },
    appear: { type: "string", default: "often" },
  } as const;
  const { values } = parseArgs({ options });
  const { out, models, file, appear } = values;
  if (out === undefined) {
    process.stderr.write("usage: tsx bench/latency/measure.ts --out DIR [--models DIR] [--keys N] [--jumps N] [--file NAME] [--appear LEVEL]\n");
    process.exitCode = 2;
    return;
  }
  const floor = await measureFloor(file);
  process.stdout.write(`the editor alone: ${JSON.stringify(report(floor))}\n`);
  const measured = await measureExtension({ file, models, appear, keys: Number(values.keys), jumps: Number(values.jumps) });
  const { typed, repeated, jumped, engineSecondsPerThousandKeys } = measured;
  const summary = { floor: report(floor), typed: report(typed), repeated: report(repeated), jumped: report(jumped), engineSecondsPerThousandKeys };
  process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  const command = `npx tsx bench/latency/measure.ts --keys ${values.keys} --jumps ${values.jumps} --file ${file} --appear ${appear}`;
  const provenance = await provenanceOf(command, ".", models ?? "models");
  const record = { ...provenance, keyIntervalMs: KEY_INTERVAL_MS, jumpRestMs: JUMP_REST_MS, summary, floor, typed, repeated, jumped };
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
