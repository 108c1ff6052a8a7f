import assert from "node:assert/strict";
import { isRunning } from "../../process/childPids.js";
import { EditorPage } from "../editor/editorPage.js";
import { engineProcesses } from "../editor/engineProcesses.js";

const ITEM = '.statusbar-item[id="lacuna.lacuna.status"]';
const LINES = ["def add(a, b):", "    return a + b", "", "def subtract(a, b):"];
const LIMIT_MS = 240_000;

describe("two windows, seen", function () {
  this.timeout(2 * LIMIT_MS);
  let [first, second]: EditorPage[] = [];
  before(async () => {
    first = await EditorPage.open({ file: "example.py", settings: { "editor.autoIndent": "none", "lacuna.maxTokens": 24 } });
    second = await first.another("connection.py");
    await Promise.all([first, second].map(({ page }) => page.waitForSelector(ITEM)));
  });
  after(async () => {
    await second?.close();
    await first?.close();
  });

  /** Types a function anew. @returns what is suggested */
  async function suggested(editor: EditorPage, comment: string): Promise<string> {
    await editor.goTo(1, 1);
    const { keyboard } = editor.page;
    await keyboard.press("Control+a");
    await keyboard.press("Delete");
    for (const line of [comment, ...LINES.slice(0, -1)]) await keyboard.insertText(`${line}\n`);
    await keyboard.type(LINES.at(-1)!, { delay: 40 });
    return editor.waitForGhost((seen) => seen.trim() !== "", LIMIT_MS);
  }

  it("have suggestions of one engine, which outlives the extension host that started it", async () => {
    assert.match(await suggested(first, "# one"), /\w/);
    const [{ pid, parent }] = engineProcesses();
    assert.match(await suggested(second, "# two"), /\w/);
    assert.deepEqual(
      engineProcesses().map((row) => row.pid),
      [pid],
    );
    process.kill(parent, "SIGKILL");
    assert.match(await suggested(second, "# three"), /\w/);
    assert.ok(isRunning(pid));
    // It has no parent here any more, and nobody has started another.
    assert.deepEqual(engineProcesses(), []);
  });
});
