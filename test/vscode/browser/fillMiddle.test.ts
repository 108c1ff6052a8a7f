import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";

const FILE = "example.py";

describe("the fill command, seen", () => {
  let editor: EditorPage;
  before(async () => {
    editor = await EditorPage.open({ file: FILE });
  });
  after(() => editor?.close());

  it("puts text where the cursor is, and one undo takes it back", async () => {
    const before = editor.fileText(FILE);
    const line = 12;
    await editor.goTo(line, 1);
    await editor.command("Lacuna: Fill in the Middle");
    const filled = await editor.savedText(FILE, (text) => text !== before);
    const lines = before.split("\n");
    assert.ok(filled.startsWith(lines.slice(0, line - 1).join("\n")), filled);
    assert.ok(filled.endsWith(lines.slice(line - 1).join("\n")), filled);
    await editor.page.keyboard.press("Control+z");
    assert.equal(await editor.savedText(FILE, (text) => text !== filled), before);
  });
});
