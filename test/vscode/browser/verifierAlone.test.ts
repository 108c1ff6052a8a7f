import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { bundledModels } from "../../models/bundledModels.js";
import { verifierAlone } from "../../process/verifierAloneFolder.js";
import { EditorPage } from "../editor/editorPage.js";
import { paintedCanvas } from "../editor/paintedCanvas.js";
import { waitFor } from "../editor/waitFor.js";

const FILE = "example.py";
const LINES = ["def add(a, b):", "    return a + b", "", "def subtract(a, b):"];
const LIMIT_MS = 240_000;

describe("a models folder with a verifier alone, in the editor", function () {
  this.timeout(2 * LIMIT_MS);
  let folder: string;
  let editor: EditorPage;
  before(async () => {
    folder = verifierAlone(bundledModels);
    editor = await EditorPage.open({ file: FILE, settings: { "editor.autoIndent": "none", "lacuna.modelsPath": folder, "lacuna.maxTokens": 24 } });
    await editor.page.waitForSelector('.statusbar-item[id="lacuna.lacuna.status"]');
  });
  after(async () => {
    await editor?.close();
    rmSync(folder, { recursive: true });
  });

  it("fills a hole with the verifier's text", async () => {
    const before = editor.fileText(FILE);
    await editor.goTo(25, 12);
    await editor.command("Lacuna: Fill in the Middle");
    await waitFor(
      "the fill",
      () => paintedCanvas(editor.page),
      ({ text, hint }) => text !== "" && hint.startsWith("Tab keep"),
      LIMIT_MS,
    );
    await editor.page.keyboard.press("Tab");
    const filled = await editor.savedText(FILE, (now) => now !== before);
    assert.ok(filled.length > before.length, filled);
  });

  it("suggests while one types", async () => {
    await editor.goTo(1, 1);
    const { keyboard } = editor.page;
    await keyboard.press("Control+a");
    await keyboard.press("Delete");
    for (const line of LINES.slice(0, -1)) await keyboard.insertText(`${line}\n`);
    await keyboard.type(LINES.at(-1)!, { delay: 40 });
    const ghost = await editor.waitForGhost((seen) => seen.trim() !== "", LIMIT_MS);
    assert.match(ghost, /\w/);
  });
});
