import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";

describe("the walkthrough, seen", () => {
  let editor: EditorPage;
  before(async () => {
    editor = await EditorPage.open({ file: "example.py", settings: { "lacuna.trigger": "manual" } });
  });
  after(() => editor?.close());

  async function pick(typed: string, shown: string): Promise<void> {
    const { page } = editor;
    const input = page.locator(".quick-input-widget input");
    await input.waitFor({ state: "visible" });
    await input.fill(typed);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: shown }).first().waitFor();
    await page.keyboard.press("Enter");
  }

  it("opens with its steps, each with a picture, the last with the race", async () => {
    const { page } = editor;
    await page.keyboard.press("F1");
    await pick(">Welcome: Open Walkthrough...", "Open Walkthrough");
    await page.locator('.quick-input-widget input[placeholder="Select a walkthrough to open"]').waitFor();
    await pick("Get Started with Lacuna", "Get Started with Lacuna");
    const steps = page.locator(".getting-started-step");
    await steps.last().waitFor();
    assert.deepEqual(await steps.locator(".step-title").allInnerTexts(), [
      "Write, and accept what helps",
      "Fill a hole in the middle",
      "See how fast it is here",
      "Choose a larger model",
      "Watch the race",
    ]);
    await steps.last().click();
    await page.getByRole("button", { name: "Start the Race" }).click();
    await page.locator(".tab", { hasText: "Lacuna Race" }).waitFor();
  });
});
