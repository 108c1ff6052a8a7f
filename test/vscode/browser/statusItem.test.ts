import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";

const FILE = "example.py";
const ITEM = '.statusbar-item[id="lacuna.lacuna.status"]';

describe("the status bar item, seen", () => {
  let editor: EditorPage;
  before(async () => {
    editor = await EditorPage.open({ file: FILE });
    await editor.page.waitForSelector(ITEM);
  });
  after(() => editor?.close());

  const label = async (): Promise<string> => (await editor.page.locator(`${ITEM} a`).getAttribute("aria-label")) ?? "";
  const menuRow = (text: string) => editor.page.locator(".quick-input-list .monaco-list-row", { hasText: text });

  async function openMenu(): Promise<void> {
    await editor.page.locator(`${ITEM} a`).click();
    await menuRow("Restart engine").waitFor();
  }

  it("names the extension, and no number before one was measured", async () => {
    assert.match(await label(), /Lacuna/);
    assert.doesNotMatch(await editor.page.locator(ITEM).innerText(), /\d/);
  });

  it("says in its tooltip what was measured, how, and where it runs", async () => {
    await editor.page.locator(ITEM).hover();
    const hover = editor.page.locator(".monaco-hover", { hasText: "Speed-up" });
    await hover.waitFor();
    const text = await hover.innerText();
    assert.match(text, /not measured yet/);
    assert.match(text, /one-token decoding by the same verifier/);
    await editor.page.mouse.move(300, 300);
    await hover.waitFor({ state: "hidden" });
  });

  it("opens a menu with the switches, the questions and the set-up", async () => {
    await openMenu();
    const switches = ["Switch off suggestions", "Switch off for python", "Snooze", "on battery"];
    for (const text of [...switches, "Why was nothing suggested?", "Show log", "Settings"]) {
      assert.ok((await menuRow(text).count()) > 0, text);
    }
    await editor.page.keyboard.press("Escape");
  });

  it("says that suggestions are off when its menu switched them off, and on again", async () => {
    await openMenu();
    await menuRow("Switch off suggestions").click();
    await editor.page.locator(`${ITEM} a[aria-label*="switched off"]`).waitFor();
    await openMenu();
    await menuRow("Switch on suggestions").click();
    await editor.page.locator(`${ITEM} a:not([aria-label*="switched off"])`).waitFor();
  });

  it("says that suggestions are snoozed, and its menu ends the snooze", async () => {
    await openMenu();
    await menuRow("Snooze").click();
    await menuRow("5 minutes").click();
    await editor.page.locator(`${ITEM} a[aria-label*="snoozed"]`).waitFor();
    await openMenu();
    await menuRow("End the snooze").click();
    await editor.page.locator(`${ITEM} a:not([aria-label*="snoozed"])`).waitFor();
  });
});
