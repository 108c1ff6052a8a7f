import assert from "node:assert/strict";
import { testPair } from "../../models/testPair.js";
import { EditorPage } from "../editor/editorPage.js";
import { paintedCanvas, watchCanvas, type PaintedCanvas } from "../editor/paintedCanvas.js";
import { SlowedEngine } from "../editor/slowedEngine.js";
import { waitFor } from "../editor/waitFor.js";

const FILE = "example.py";
const LINE = 25;
/** A hole whose canvas takes several steps. */
const LONG_LINE = 41;
/** Generous: a loaded machine is no defect of the extension. */
const LIMIT_MS = 240_000;
/** A canvas without masks may still change, until it offers its keys. */
const isDone = ({ masks, text, hint }: PaintedCanvas): boolean => masks === 0 && text !== "" && hint.startsWith("Tab keep");

describe("the fill command, seen", function () {
  this.timeout(2 * LIMIT_MS);
  let editor: EditorPage;
  const shown = (condition: (canvas: PaintedCanvas) => boolean): Promise<PaintedCanvas> =>
    waitFor("the canvas", () => paintedCanvas(editor.page), condition, LIMIT_MS);

  before(async () => {
    editor = await EditorPage.open({ file: FILE, settings: { "lacuna.trigger": "manual", "lacuna.modelsPath": testPair } });
  });
  after(() => editor?.close());

  it("puts what was shown where the cursor is with Tab, and one undo takes it back", async () => {
    const before = editor.fileText(FILE);
    await editor.goTo(LINE, 12);
    await editor.command("Lacuna: Fill in the Middle");
    const { text } = await shown(isDone);
    await editor.page.keyboard.press("Tab");
    const filled = await editor.savedText(FILE, (now) => now !== before);
    const at =
      before
        .split("\n")
        .slice(0, LINE - 1)
        .join("\n").length + 12;
    assert.ok(filled.startsWith(before.slice(0, at)) && filled.endsWith(before.slice(at)), filled);
    const put = filled.slice(at, filled.length - (before.length - at));
    assert.ok(text.replaceAll(/\s/g, "").startsWith(put.replaceAll(/\s/g, "")), `${put} was put in, ${text} was shown`);
    await editor.page.keyboard.press("Control+z");
    assert.equal(await editor.savedText(FILE, (now) => now !== filled), before);
  });

  it("shows masks, then text among masks, then text alone, and Escape leaves the file as it was", async () => {
    const before = editor.fileText(FILE);
    await editor.goTo(LONG_LINE, 5);
    await editor.page.keyboard.press("Shift+End");
    const watched = await watchCanvas(editor.page);
    const engine = new SlowedEngine();
    try {
      await editor.command("Lacuna: Fill in the Middle");
      await shown(isDone);
      await editor.page.keyboard.press("Alt+Equal");
      await shown((canvas) => !isDone(canvas));
      await shown(isDone);
    } finally {
      engine.release();
    }
    const seen = await watched();
    assert.ok(
      seen.some(({ masks, text }) => masks > 0 && text === ""),
      JSON.stringify(seen),
    );
    assert.ok(
      seen.some(({ masks, text }) => masks > 0 && text !== ""),
      JSON.stringify(seen),
    );
    await editor.page.keyboard.press("Escape");
    await shown(({ masks, text }) => masks === 0 && text === "");
    assert.equal(await editor.page.locator(".tab.dirty").count(), 0);
    assert.equal(await editor.savedText(FILE), before);
  });

  it("shows another text at a key, and drops it when something is typed", async () => {
    const before = editor.fileText(FILE);
    await editor.goTo(LINE, 12);
    await editor.command("Lacuna: Fill in the Middle");
    const first = await shown(isDone);
    await editor.page.keyboard.press("Alt+BracketRight");
    await shown((canvas) => isDone(canvas) && canvas.text !== first.text);
    await editor.page.keyboard.type("q");
    await shown(({ masks, text }) => masks === 0 && text === "");
    const at =
      before
        .split("\n")
        .slice(0, LINE - 1)
        .join("\n").length + 12;
    assert.equal(await editor.savedText(FILE, (now) => now !== before), `${before.slice(0, at)}q${before.slice(at)}`);
  });
});
