/**
 * Types keys from a real file into a real editor, with and without the extension, and writes how long ghost text takes.
 *
 *     npx tsx bench/latency/measure.ts --out bench/records/DATE_NAME [--keys 200] [--file canvas.ts]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { EditorPage } from "../../test/vscode/editor/editorPage.js";
import { provenanceOf } from "../library/provenance.js";
import { floorExtension } from "./floorExtension.js";
import { ghostRecord, watchGhost } from "../../test/vscode/editor/ghostWatch.js";
import { keyLatencies, summarize, type KeyLatency } from "./keyLatencies.js";

const KEY_INTERVAL_MS = 200;
const FLOOR_KEYS = 60;
const REPEATS = 30;
const WARM_UP_LIMIT_MS = 60_000;
const LAST_KEY_MS = 2000;

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

async function measureExtension(file: string, count: number): Promise<{ typed: readonly KeyLatency[]; repeated: readonly KeyLatency[] }> {
  const editor = await EditorPage.open({ file });
  try {
    const keys = await cutLines({ editor, file, line: 12 }, count);
    const last = keys.at(-1) ?? "";
    await warmUp(editor);
    await watchGhost(editor.page);
    await typeKeys(editor, keys);
    const typed = keyLatencies(await ghostRecord(editor.page));
    // The same place is asked for again and again: what the extension remembers.
    for (let index = 0; index < REPEATS; index += 1) await typeKeys(editor, ["Backspace", last]);
    const all = keyLatencies(await ghostRecord(editor.page)).slice(keys.length);
    return { typed, repeated: all.filter(({ key }) => key === last) };
  } finally {
    await editor.close();
  }
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
  const options = { out: { type: "string" }, keys: { type: "string", default: "200" }, file: { type: "string", default: "canvas.ts" } } as const;
  const { values } = parseArgs({ options });
  if (values.out === undefined) {
    process.stderr.write("usage: tsx bench/latency/measure.ts --out DIR [--keys N] [--file NAME]\n");
    process.exitCode = 2;
    return;
  }
  const floor = await measureFloor(values.file);
  process.stdout.write(`the editor alone: ${JSON.stringify(report(floor))}\n`);
  const { typed, repeated } = await measureExtension(values.file, Number(values.keys));
  const summary = { floor: report(floor), typed: report(typed), repeated: report(repeated) };
  process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  const command = `npx tsx bench/latency/measure.ts --keys ${values.keys} --file ${values.file}`;
  const provenance = await provenanceOf(command, ".", "models");
  const record = { ...provenance, keyIntervalMs: KEY_INTERVAL_MS, summary, floor, typed, repeated };
  mkdirSync(values.out, { recursive: true });
  writeFileSync(path.join(values.out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
