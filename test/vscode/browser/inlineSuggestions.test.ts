import assert from "node:assert/strict";
import { EditorPage } from "../editor/editorPage.js";
import { ghostRecord, watchGhost, type GhostSample } from "../editor/ghostWatch.js";
import { waitFor } from "../editor/waitFor.js";

const FILE = "example.py";
const START_LIMIT_MS = 300_000;
const LINES = ["def add(a, b):", "    return a + b", "", "def subtract(a, b):"];

/** Steps of ghost text from one key to the next, each longer than the one before it. */
function growth(samples: readonly GhostSample[]): string[] {
  const texts = samples.map(({ ghost }) => ghost);
  return texts.filter((text, index) => text !== "" && text !== texts[index - 1]);
}

describe("inline suggestions, seen", () => {
  let editor: EditorPage;
  before(async function () {
    this.timeout(START_LIMIT_MS);
    // What is typed is what the file holds, and short suggestions say as much as long ones.
    editor = await EditorPage.open({ file: FILE, settings: { "editor.autoIndent": "none", "lacuna.maxTokens": 24 } });
    await editor.page.waitForSelector('.statusbar-item[id="lacuna.lacuna.status"]');
    await typeLines();
    await editor.waitForGhost((seen) => seen.trim() !== "", START_LIMIT_MS);
  });
  after(() => editor?.close());

  /** Empties the file and types `LINES`, so that what comes next is a function's body. */
  async function typeLines(...more: string[]): Promise<void> {
    await editor.goTo(1, 1);
    const { keyboard } = editor.page;
    await keyboard.press("Control+a");
    await keyboard.press("Delete");
    for (const line of [...LINES, ...more].slice(0, -1)) await keyboard.insertText(`${line}\n`);
    await keyboard.type([...LINES, ...more].at(-1)!, { delay: 40 });
  }

  const text = (): Promise<string> => editor.savedText(FILE);

  it("show ghost text behind what was typed, and leave the file as it is", async () => {
    await typeLines();
    const ghost = await editor.waitForGhost((seen) => seen.trim() !== "");
    assert.match(ghost, /\w/);
    assert.equal(await text(), LINES.join("\n"));
  });

  it("grow while the text comes, never with a blank frame between", async () => {
    await typeLines();
    await editor.page.keyboard.press("Escape");
    await editor.page.keyboard.press("Backspace");
    await watchGhost(editor.page);
    await editor.page.keyboard.type(":");
    await editor.waitForGhost((seen) => seen.includes("\n") || seen.length > 15);
    await editor.page.waitForTimeout(1500);
    const { samples } = await ghostRecord(editor.page);
    const steps = growth(samples);
    assert.ok(steps.length > 0, JSON.stringify(samples));
    const first = samples.findIndex(({ ghost }) => ghost !== "");
    assert.deepEqual(
      samples.slice(first).filter(({ ghost }) => ghost === ""),
      [],
      "a frame without ghost text",
    );
    steps.reduce((shorter, longer) => {
      assert.ok(longer.replaceAll("\n", "").startsWith(shorter.replaceAll("\n", "").slice(0, 4)), JSON.stringify(steps));
      return longer;
    });
  });

  it("are taken whole with Tab", async () => {
    await typeLines();
    const ghost = await settledGhost(editor);
    await editor.page.keyboard.press("Tab");
    const saved = await editor.savedText(FILE, (found) => found !== LINES.join("\n"));
    assert.equal(saved, LINES.join("\n") + ghost);
  });

  it("are taken word by word, and the rest stays", async () => {
    await typeLines();
    const ghost = await settledGhost(editor);
    await editor.page.keyboard.press("Control+ArrowRight");
    const rest = await editor.waitForGhost((seen) => seen !== ghost && seen.trim() !== "");
    const saved = await editor.savedText(FILE, (found) => found !== LINES.join("\n"));
    const taken = saved.slice(LINES.join("\n").length);
    assert.ok(taken !== "" && ghost.startsWith(taken), JSON.stringify({ ghost, taken }));
    assert.ok((taken + rest).replaceAll(/\s/g, "").startsWith(ghost.replaceAll(/\s/g, "")), JSON.stringify({ ghost, taken, rest }));
  });

  it("stay on screen while their own text is typed", async () => {
    await typeLines();
    const ghost = await settledGhost(editor);
    await watchGhost(editor.page);
    await editor.page.keyboard.press("Control+ArrowRight");
    const typed = ghost.trimStart().slice(0, 3);
    await editor.page.keyboard.type(ghost.startsWith("\n") ? "" : typed, { delay: 100 });
    await editor.page.waitForTimeout(500);
    assert.notEqual(await editor.ghostText(), "");
  });

  it("go with Escape, also in the middle of a stream, and stay gone", async () => {
    for (const waitMs of [0, 60, 150, 400]) {
      await typeLines();
      await editor.waitForGhost((seen) => seen.trim() !== "");
      await editor.page.waitForTimeout(waitMs);
      await editor.page.keyboard.press("Escape");
      await editor.waitForGhost((seen) => seen === "");
      await editor.page.waitForTimeout(1500);
      assert.equal(await editor.ghostText(), "", `after ${waitMs} ms`);
    }
  });

  it("come when they are asked for, though they were sent away", async () => {
    await typeLines();
    await settledGhost(editor);
    await editor.page.keyboard.press("Escape");
    await editor.waitForGhost((seen) => seen === "");
    await editor.command("Lacuna: Trigger Suggestion");
    await editor.waitForGhost((seen) => seen.trim() !== "");
  });
});

/** The ghost text once it has been the same for half a second. */
async function settledGhost(editor: EditorPage): Promise<string> {
  let [last, sinceMs] = ["", performance.now()];
  const read = async (): Promise<string> => {
    const now = await editor.ghostText();
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    return now;
  };
  return waitFor("the ghost text at rest", read, (now) => now.trim() !== "" && performance.now() - sinceMs > 500);
}
