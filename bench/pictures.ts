/**
 * Takes the pictures of the README in a real editor: ghost text, and the status bar item with its tooltip, light and dark.
 *
 *     npm run build && node --import tsx bench/pictures.ts [--out media] [--models DIR --suffix NAME]
 *
 * With a folder of models it takes the ghost text alone, by those, and puts NAME behind the names of the pictures.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { EditorPage } from "../test/vscode/editor/editorPage.js";
import { ghostAtRest } from "./library/ghostAtRest.js";

const FILE = "connection.py";
/** Where a method is begun, and its keys. */
const LINE = 52;
const KEYS = ["Enter", "Enter", "ArrowUp"];
const TYPED = ["    def __repr__(self):", "Enter", "        return "];
/** Typed afterwards, as a person would: what the tooltip says of time is of more than the first request. */
const TYPED_ON = ['f"<{self.host}>"', "Enter", "Enter", "    def is_open(self):", "Enter", "        return self._socket is not None"];
const THEMES = { light: "Default Light Modern", dark: "Default Dark Modern" };
const SETTINGS = {
  "editor.fontSize": 15,
  "editor.stickyScroll.enabled": false,
  "editor.autoIndent": "none",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "workbench.activityBar.location": "hidden",
  "workbench.layoutControl.enabled": false,
};
/** Without the title bar, which names the harness. */
const CLIP = { x: 0, y: 36, width: 1000, height: 524 };
const REST_MS = 1500;
const LIMIT_MS = 300_000;
const STATUS = '.statusbar-item[id="lacuna.lacuna.status"]';

async function takePictures(theme: keyof typeof THEMES, out: string, models: string | undefined, suffix: string): Promise<void> {
  const ownModels = models === undefined ? {} : { "lacuna.modelsPath": path.resolve(models) };
  const settings = { ...SETTINGS, ...ownModels, "workbench.colorTheme": THEMES[theme] };
  const editor = await EditorPage.open({ file: FILE, settings, width: 1000, height: 560 });
  const { page } = editor;
  const shoot = (name: string): Promise<unknown> => page.screenshot({ path: path.join(out, `${name}${suffix}-${theme}.png`), clip: CLIP });
  try {
    await page.waitForSelector(STATUS);
    await page.keyboard.press("Control+b");
    await editor.goTo(LINE, 1);
    await typeAll(editor, [...KEYS, ...TYPED], 60);
    await ghostAtRest(editor, REST_MS, LIMIT_MS);
    await shoot("ghost-text");
    if (models !== undefined) return;
    await page.keyboard.press("Escape");
    await typeAll(editor, TYPED_ON, 160);
    await page.keyboard.press("Escape");
    await editor.command("Lacuna: Benchmark This Machine");
    await page.locator(`${STATUS} a`, { hasText: /\d/ }).waitFor({ timeout: LIMIT_MS });
    await page.waitForTimeout(REST_MS);
    await page.locator(STATUS).hover();
    await page.locator(".monaco-hover", { hasText: "Speed-up" }).waitFor();
    await page.waitForTimeout(REST_MS);
    await shoot("status");
  } finally {
    await editor.close();
  }
}

/** @param pieces names of keys, or text */
async function typeAll({ page }: EditorPage, pieces: readonly string[], delay: number): Promise<void> {
  for (const piece of pieces) await (/^[A-Z]\w+$/.test(piece) ? page.keyboard.press(piece) : page.keyboard.type(piece, { delay }));
}

async function main(): Promise<void> {
  const options = { out: { type: "string", default: "media" }, models: { type: "string" }, suffix: { type: "string", default: "" } } as const;
  const { out, models, suffix } = parseArgs({ options }).values;
  for (const theme of ["light", "dark"] as const) await takePictures(theme, out, models, suffix === "" ? "" : `-${suffix}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
