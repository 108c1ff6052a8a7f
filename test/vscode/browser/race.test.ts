import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { EditorPage } from "../editor/editorPage.js";
import { waitFor } from "../editor/waitFor.js";

const RACE_LIMIT_MS = 240_000;

describe("the race, seen", () => {
  let editor: EditorPage;
  const requested: string[] = [];

  /** The panel's own page, inside two frames of the editor's. */
  async function panel(): Promise<Frame> {
    const find = async (): Promise<Frame | undefined> => {
      for (const frame of editor.page.frames())
        if (
          (await frame
            .locator("#headline")
            .count()
            .catch(() => 0)) === 1
        )
          return frame;
      return undefined;
    };
    return (await waitFor(
      "the panel",
      async () => find(),
      (frame) => frame !== undefined,
    ))!;
  }
  const textOf = (frame: Frame, selector: string): Promise<string> => frame.locator(selector).innerText();

  before(async () => {
    editor = await EditorPage.open({ file: "example.py", settings: { "lacuna.trigger": "manual" } });
    editor.page.on("request", (request) => requested.push(request.url()));
  });
  after(() => editor?.close());

  it("continues one prompt in both lanes, says how fast drafts are and which texts are the same", async function () {
    this.timeout(RACE_LIMIT_MS);
    await editor.goTo(37, 1);
    await editor.command("Lacuna: Race");
    const frame = await panel();
    const details = await waitFor(
      "the result",
      () => textOf(frame, "#details"),
      (text) => text !== "",
      RACE_LIMIT_MS,
    );
    assert.match(details, /Same text as undrafted decoding in the same passes: yes/);
    assert.match(await textOf(frame, "#headline"), /as fast with drafts|The machine was too busy to compare/i);
    assert.match(await textOf(frame, "#ar .readout"), /^\d+ tokens\/s\s+\d+ tokens in \d+ passes$/);
    const blocks = (lane: string): Promise<string[]> => frame.locator(`#${lane} .block`).allInnerTexts();
    const [ar, deer] = [await blocks("ar"), await blocks("deer")];
    // One-token passes round differently: what is said of the two texts must be true of those that are shown.
    const isSame = details.includes("One-token decoding wrote the same text here.");
    assert.equal(deer.join("") === ar.join(""), isSame);
    assert.equal(details.includes("One-token decoding wrote another text here"), !isSame);
    if (isSame) {
      assert.ok(deer.length <= ar.length, `${deer.length} blocks, ${ar.length} tokens`);
    }
  });

  it("can be started and stopped with the keyboard", async function () {
    this.timeout(RACE_LIMIT_MS);
    const frame = await panel();
    await frame.locator("#start").focus();
    await editor.page.keyboard.press("Enter");
    await waitFor(
      "the button",
      () => frame.locator("#stop").isEnabled(),
      (isEnabled) => isEnabled,
    );
    await frame.locator("#stop").focus();
    await editor.page.keyboard.press("Enter");
    await waitFor(
      "the headline",
      () => textOf(frame, "#headline"),
      (text) => text === "Stopped",
      RACE_LIMIT_MS,
    );
    assert.equal(await frame.locator("#start").isEnabled(), true);
  });

  it("asks no other machine for anything", () => {
    const own = new URL(editor.page.url()).host;
    const foreign = requested.filter((url) => !url.startsWith("data:") && !url.startsWith("blob:") && ![own].includes(new URL(url).host));
    assert.deepEqual(
      foreign.filter((url) => !url.includes("vscode-resource") && !url.startsWith("vscode-")),
      [],
    );
  });
});
