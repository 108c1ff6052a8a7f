/**
 * Takes the pictures of the README in a real editor: a fill, the race and the walkthrough, light and dark.
 *
 *     npm run build && node --import tsx bench/fillPictures.ts [--out media] [--models DIR] [--at L:C --characters N] [--midway]
 *
 * With `--midway` also the fill while its canvas has undecided slots, which takes models with a diffuser.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import type { Frame } from "playwright-core";
import { EditorPage } from "../test/vscode/editor/editorPage.js";
import { onceMidway, paintedCanvas, type PaintedCanvas } from "../test/vscode/editor/paintedCanvas.js";
import { SlowedEngine } from "../test/vscode/editor/slowedEngine.js";
import { waitFor } from "../test/vscode/editor/waitFor.js";

const FILE = "connection.py";
const THEMES = { light: "Default Light Modern", dark: "Default Dark Modern" };
const CLASSES = { light: "vs", dark: "vs-dark" };
const SETTINGS = {
  "editor.fontSize": 14,
  "editor.stickyScroll.enabled": false,
  "editor.selectionHighlight": false,
  "lacuna.maxTokens": 40,
  "lacuna.trigger": "manual",
  "workbench.activityBar.location": "hidden",
  "workbench.layoutControl.enabled": false,
};
/** Without the title bar, which names the harness. */
const CLIP = { x: 0, y: 36, width: 1120, height: 524 };
/** What a walkthrough and a race need. */
const TALL = { width: 1120, height: 800 };
const REST_MS = 1000;
const MIDWAY_LIMIT_MS = 20_000;
const LIMIT_MS = 300_000;

interface Course {
  readonly out: string;
  readonly modelsPath: string;
  readonly at: readonly [line: number, column: number];
  readonly characters: number;
  readonly hasMidway: boolean;
}

async function takePictures(theme: keyof typeof THEMES, { out, modelsPath, at, characters, hasMidway }: Course): Promise<void> {
  const settings = { ...SETTINGS, "workbench.colorTheme": THEMES[theme], "lacuna.modelsPath": modelsPath };
  const editor = await EditorPage.open({ file: FILE, settings, width: CLIP.width, height: CLIP.y + CLIP.height });
  const { page } = editor;
  const shoot = (name: string, height = CLIP.height): Promise<unknown> =>
    page.screenshot({ path: path.join(out, `${name}-${theme}.png`), clip: { ...CLIP, height } });
  const shown = (condition: (canvas: PaintedCanvas) => boolean): Promise<PaintedCanvas> =>
    waitFor("the canvas", () => paintedCanvas(page), condition, LIMIT_MS);
  try {
    await page.waitForSelector('.statusbar-item[id="lacuna.lacuna.status"]');
    // A theme comes from an extension, which may be slower than everything else here.
    await page.waitForSelector(`.monaco-workbench.${CLASSES[theme]}`);
    await page.keyboard.press("Control+b");
    await editor.goTo(...at);
    for (let count = 0; count < characters; count += 1) await page.keyboard.press("Shift+ArrowRight");
    if (hasMidway) await shootMidway(editor, () => shoot("fill-midway"));
    else await editor.command("Lacuna: Fill in the Middle");
    await shown(({ masks, hint }) => masks === 0 && hint.startsWith("Tab keep"));
    await page.waitForTimeout(REST_MS);
    await shoot("fill-done");
    await page.keyboard.press("Escape");
    await page.setViewportSize(TALL);
    await openWalkthrough(editor);
    await page.locator(".getting-started-step", { hasText: "Fill a hole in the middle" }).click();
    await page.waitForTimeout(REST_MS);
    await shoot("walkthrough", TALL.height - CLIP.y);
    await page.locator(".getting-started-step").last().click();
    await page.getByRole("button", { name: "Start the Race" }).click();
    await waitFor(
      "the race",
      () => summaryOf(page.frames()),
      (text) => text !== "",
      LIMIT_MS,
    );
    await page.waitForTimeout(REST_MS);
    await shoot("race", TALL.height - CLIP.y);
  } finally {
    await editor.close();
  }
}

/** Holds the engine while the picture is taken. */
async function shootMidway(editor: EditorPage, shoot: () => Promise<unknown>): Promise<void> {
  for (let isShot = false; !isShot;) {
    const engine = new SlowedEngine();
    const isSeen = new Promise<void>((resolve) => void onceMidway(editor.page, () => (engine.hold(), resolve())));
    await editor.command("Lacuna: Fill in the Middle");
    await Promise.race([isSeen, editor.page.waitForTimeout(MIDWAY_LIMIT_MS)]);
    engine.hold();
    await editor.page.waitForTimeout(REST_MS);
    const { masks, text } = await paintedCanvas(editor.page);
    isShot = masks > 0 && text !== "";
    if (isShot) await shoot();
    engine.release();
    await waitFor(
      "the canvas",
      () => paintedCanvas(editor.page),
      ({ hint }) => hint.startsWith("Tab keep"),
      LIMIT_MS,
    );
    if (!isShot) await editor.page.keyboard.press("Escape");
  }
}

async function openWalkthrough({ page }: EditorPage): Promise<void> {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input");
  for (const [typed, row] of [
    [">Welcome: Open Walkthrough...", "Open Walkthrough"],
    ["Get Started with Lacuna", "Get Started with Lacuna"],
  ]) {
    await input.waitFor({ state: "visible" });
    await input.fill(typed);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: row }).first().click();
  }
  await page.locator(".getting-started-step").last().waitFor();
}

async function summaryOf(frames: readonly Frame[]): Promise<string> {
  for (const frame of frames) {
    const details = frame.locator("#details");
    if ((await details.count().catch(() => 0)) === 1) return details.innerText();
  }
  return "";
}

async function main(): Promise<void> {
  const text = (value: string): { readonly type: "string"; readonly default: string } => ({ type: "string", default: value });
  const { values } = parseArgs({
    options: { out: text("media"), models: text(""), at: text("49:9"), characters: text("28"), midway: { type: "boolean", default: false } },
  });
  const [line, column] = values.at.split(":").map(Number);
  const modelsPath = values.models === "" ? "" : path.resolve(values.models);
  const course = { out: values.out, modelsPath, at: [line, column] as const, characters: Number(values.characters), hasMidway: values.midway };
  for (const theme of ["light", "dark"] as const) await takePictures(theme, course);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
