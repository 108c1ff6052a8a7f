import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";

describe("the walkthrough, seen", () => {
  let editor: EditorPage;
  before(async () => {
    editor = await EditorPage.open({ file: "example.py", settings: { "lacuna.trigger": "manual" } });
  });
  after(() => editor?.close());

  /** Once it is there: the palette has rows too. */
  async function leaveMenu(): Promise<void> {
    await editor.page.locator(".quick-input-list .monaco-list-row", { hasText: "Restart engine" }).waitFor();
    await editor.page.keyboard.press("Escape");
    await editor.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  it("opens with its steps, each with a picture, the last with the race", async () => {
    const { page } = editor;
    await editor.chooseCommand("Lacuna: Show Menu");
    await leaveMenu();
    await editor.chooseCommand("Welcome: Open Walkthrough...");
    await page.locator('.quick-input-widget input[placeholder="Select a walkthrough to open"]').fill("Get Started with Lacuna");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Get Started with Lacuna" }).first().waitFor();
    await page.keyboard.press("Enter");
    const steps = page.locator(".getting-started-step");
    await steps.last().waitFor();
    assert.deepEqual(await steps.locator(".step-title").allInnerTexts(), [
      "Write, and accept what helps",
      "Fill a hole in the middle",
      "See how fast it is here",
      "Choose a larger model",
      "Watch the race",
    ]);
    // What was done before it was opened counts when it is done again.
    const menu = steps.nth(2);
    await menu.click();
    await page.getByRole("button", { name: "Show the Menu" }).click();
    await leaveMenu();
    await menu.locator('[role="checkbox"][aria-checked="true"]').first().waitFor();
    await steps.last().click();
    await page.getByRole("button", { name: "Start the Race" }).click();
    await page.locator(".tab", { hasText: "Lacuna Race" }).waitFor();
  });
});
