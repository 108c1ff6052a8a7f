import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";

const COMMAND = "Lacuna: Get the CUDA Provider for NVIDIA Cards";

describe("the CUDA provider, asked for in the editor", () => {
  let editor: EditorPage;
  before(async function () {
    if (process.platform !== "linux" || process.arch !== "x64") this.skip();
    editor = await EditorPage.open({ file: "example.py" });
    await editor.page.waitForSelector('.statusbar-item[id="lacuna.lacuna.status"]');
  });
  after(() => editor?.close());

  it("is in the palette, and asks before anything is downloaded", async () => {
    const { page } = editor;
    await editor.command(COMMAND);
    const dialog = page.locator(".monaco-dialog-box", { hasText: "Download the CUDA provider?" });
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /MIT License, from the Python package index/);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await page.locator(".notification-toast", { hasText: "CUDA provider" }).count(), 0);
  });
});
