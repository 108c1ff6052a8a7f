import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";

const ITEM = '.statusbar-item[id="lacuna.lacuna.status"]';

describe("an engine that cannot start, seen", () => {
  let editor: EditorPage;
  before(async () => {
    editor = await EditorPage.open({ file: "example.py", settings: { "lacuna.modelsPath": "/nowhere/models" } });
    await editor.page.waitForSelector(ITEM);
  });
  after(() => editor?.close());

  it("is told once, with what to do, and the status bar item warns", async () => {
    await editor.goTo(31, 1);
    await editor.page.keyboard.type("x = y", { delay: 200 });
    await editor.page.locator(`${ITEM} a[aria-label*="is not running"]`).waitFor();
    await editor.page.keyboard.press("Escape");
    // An editor with the driver for tests shows no toasts.
    await editor.command("Notifications: Show Notifications");
    const message = editor.page.locator(".notifications-center .notification-list-item", { hasText: "/nowhere/models" });
    await message.waitFor();
    assert.equal(await message.count(), 1);
    assert.ok((await message.locator("a", { hasText: "Restart Engine" }).count()) > 0);
  });
});
