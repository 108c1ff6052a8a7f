/**
 * Takes the moving picture of the README in a real editor, as fast as it was: two methods are typed, and what is suggested is kept.
 *
 *     npm run build && node --import tsx bench/movingPicture.ts --models DIR [--out media]
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { EditorPage } from "../test/vscode/editor/editorPage.js";
import { animatedPng, type Frame } from "./library/animatedPng.js";
import { ghostAtRest } from "./library/ghostAtRest.js";

const FILE = "connection.py";
/** The end of a method; new ones are written behind it. */
const LINE = 52;
const SETTINGS = {
  "workbench.colorTheme": "Default Light Modern",
  "editor.fontSize": 15,
  "editor.stickyScroll.enabled": false,
  "editor.minimap.enabled": false,
  "editor.autoIndent": "none",
  "editor.cursorBlinking": "solid",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "workbench.activityBar.location": "hidden",
  "workbench.layoutControl.enabled": false,
};
const WIDTH = 760;
const CLIP = { x: 0, y: 190, width: WIDTH, height: 240 };
/** What a person types of each method: its name, and how its body begins. */
const METHODS = [
  [" __repr__(self):", "        return "],
  ["    def is_open(self):", "        return "],
] as const;
const KEY_MS = 110;
/** Ghost text that has not changed for so long is all there is, and was read. */
const READ_MS = 1200;
const LAST_MS = 2500;
const LIMIT_MS = 60_000;

/** Pictures of the page, taken as fast as it gives them, until `stop`. One that shows what the last one did makes that one stand longer. */
class Camera {
  readonly #editor: EditorPage;
  readonly #frames: Frame[] = [];
  #isOn = true;
  readonly #done: Promise<void>;

  constructor(editor: EditorPage) {
    this.#editor = editor;
    this.#done = this.#take();
  }

  async stop(): Promise<readonly Frame[]> {
    this.#isOn = false;
    await this.#done;
    return this.#frames;
  }

  async #take(): Promise<void> {
    let start = performance.now();
    while (this.#isOn) {
      const png = await this.#editor.page.screenshot({ clip: CLIP });
      const ms = performance.now() - start;
      start += ms;
      const last = this.#frames.at(-1);
      if (last?.png.equals(png) === true) this.#frames.splice(-1, 1, { png, ms: last.ms + ms });
      else this.#frames.push({ png, ms });
    }
  }
}

async function film(models: string, out: string): Promise<void> {
  const settings = { ...SETTINGS, "lacuna.modelsPath": path.resolve(models) };
  const editor = await EditorPage.open({ file: FILE, settings, width: WIDTH, height: 480 });
  const { keyboard } = editor.page;
  const keep = async (): Promise<void> => {
    await ghostAtRest(editor, READ_MS, LIMIT_MS);
    await keyboard.press("Tab");
    await delay(READ_MS);
  };
  try {
    await keyboard.press("Control+b");
    await editor.goTo(LINE, 1);
    for (const key of ["Enter", "Enter", "ArrowUp"]) await keyboard.press(key);
    // The first request loads the model, which nobody wants to watch.
    await keyboard.type("    def", { delay: KEY_MS });
    await editor.waitForGhost((text) => text.trim() !== "", LIMIT_MS);
    await delay(READ_MS);
    const camera = new Camera(editor);
    for (const [name, begun] of METHODS) {
      await keyboard.type(name, { delay: KEY_MS });
      await keyboard.press("Enter");
      await keyboard.type(begun, { delay: KEY_MS });
      await keep();
      if (name === METHODS[0][0]) for (const key of ["Enter", "Enter"]) await keyboard.press(key);
    }
    await delay(LAST_MS);
    writeFileSync(path.join(out, "typing.png"), animatedPng(await camera.stop()));
  } finally {
    await editor.close();
  }
}

async function main(): Promise<void> {
  const options = { out: { type: "string", default: "media" }, models: { type: "string" } } as const;
  const { out, models } = parseArgs({ options }).values;
  if (models === undefined) throw new Error("Name the folder of a model with --models.");
  await film(models, out);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
