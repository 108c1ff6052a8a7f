import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Locator } from "playwright-core";
import { writeEchoCheckpoint } from "../../models/echoCheckpoint.js";
import { HubServer } from "../../process/models/hubServer.js";
import { ggufOf, writeGguf } from "../../unit/convert/ggufWriter.js";
import { EditorPage } from "../editor/editorPage.js";
import { waitFor } from "../editor/waitFor.js";

const FILE = "example.py";
const STATUS = '.statusbar-item[id="lacuna.lacuna.status"]';
/** On a machine with much else to do. */
const LIMIT_MS = 240_000;
const DIALOG_REST_MS = 1500;
/** The list's own input, once its rows are there. */
const LIST = ".quick-input-widget input[placeholder^='Choose the model']";
const BUNDLED = "lacuna-verifier-120m";
/** Of the catalogue, where no hash is known beforehand. */
const TO_DOWNLOAD = "qwen2.5-coder-0.5b";

describe("the list of models, seen", function () {
  this.timeout(2 * LIMIT_MS);
  let folder: string;
  let hub: HubServer;
  let editor: EditorPage;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-models-"));
    const source = path.join(folder, "source");
    writeEchoCheckpoint(source, "verifier", 3);
    for (const file of ["own/Echo Own.gguf", "cache/other.gguf"]) {
      mkdirSync(path.join(folder, path.dirname(file)));
      writeGguf(path.join(folder, file), ggufOf(source));
      copyFileSync(path.join(source, "lacuna.json"), path.join(folder, `${file}.lacuna.json`));
    }
    // Other bytes than those of any file here, which would not be fetched once more.
    const published = path.join(folder, "published");
    writeEchoCheckpoint(published, "verifier", 4);
    writeGguf(path.join(folder, "published.gguf"), ggufOf(published));
    hub = await HubServer.start(readFileSync(path.join(folder, "published.gguf")));
    const env = { LACUNA_DATA: path.join(folder, "data"), LLAMA_CACHE: path.join(folder, "cache"), HF_ENDPOINT: hub.endpoint };
    editor = await EditorPage.open({ file: FILE, env, settings: { "editor.autoIndent": "none" } });
    await editor.page.waitForSelector(STATUS, { timeout: LIMIT_MS });
    await editor.page.evaluate("window.lacunaIsTheSamePage = true");
  });
  after(async () => {
    await editor?.close();
    await hub?.stop();
    rmSync(folder, { recursive: true });
  });

  const rows = (): Locator => editor.page.locator(".quick-input-list .monaco-list-row");
  const row = (text: string): Locator => rows().filter({ hasText: text }).first();

  /** Opens the list and narrows it down, because what is not in sight is not on the page. */
  async function openList(typed: string, shown: string): Promise<Locator> {
    await editor.chooseCommand("Lacuna: Models");
    const input = editor.page.locator(LIST);
    await input.waitFor();
    await input.fill(typed);
    await row(shown).waitFor();
    return row(shown);
  }

  /** Answers the editor's own dialog for files, which takes a path as soon as it has looked at it. */
  async function chooseFile(file: string): Promise<void> {
    const input = editor.page.locator(".quick-input-widget input:visible");
    const value = async (): Promise<string> => ((await input.count()) === 1 ? input.inputValue() : "");
    await waitFor("the dialog for files", value, (text) => text.startsWith("/"), LIMIT_MS);
    const answer = async (): Promise<boolean> => {
      if ((await value()) === "") return true;
      await input.fill(file);
      await editor.page.waitForTimeout(DIALOG_REST_MS);
      await editor.page.keyboard.press("Enter");
      await editor.page.waitForTimeout(DIALOG_REST_MS);
      return false;
    };
    await waitFor("the end of the dialog", answer, Boolean, LIMIT_MS);
  }

  /** Waits until the list says that a model is in use. @returns what it says of it */
  async function inUse(name: string): Promise<string> {
    const look = async (): Promise<string> => {
      const text = await (await openList("in use", "in use")).innerText();
      await editor.page.keyboard.press("Escape");
      return text;
    };
    return waitFor("the model in use", look, (text) => text.includes(name), LIMIT_MS);
  }

  /** Has something suggested by a model; the first text after a change may be of the one before, whose engine is about to end. */
  async function suggestedBy(model: RegExp): Promise<string> {
    const last = await waitFor("a suggestion by the model", suggested, ({ models }) => model.test(models), LIMIT_MS);
    return last.ghost;
  }

  /** @returns what is suggested, and what the status bar item says of the models then */
  async function suggested(): Promise<{ readonly ghost: string; readonly models: string }> {
    await editor.goTo(1, 1);
    const { keyboard } = editor.page;
    await keyboard.press("Control+a");
    await keyboard.press("Delete");
    await keyboard.insertText("first = alpha + beta\nsecond = gamma\nfirst = alpha + beta\nsecond = gamma\n");
    await keyboard.type("first = al", { delay: 40 });
    const ghost = await editor.waitForGhost((seen) => seen.trim() !== "", LIMIT_MS);
    await keyboard.press("Escape");
    await editor.page.locator(STATUS).hover();
    const hover = editor.page.locator(".monaco-hover", { hasText: "Speed-up" });
    await hover.waitFor();
    const models = await hover.innerText();
    await editor.page.mouse.move(300, 300);
    return { ghost, models };
  }

  const isSamePage = (): Promise<boolean> => editor.page.evaluate<boolean>("window.lacunaIsTheSamePage === true");
  const installed = (name: string): string => path.join(folder, "data", "models", name);

  it("names what is installed, what other tools have and what can be had, with size, memory, speed and licence", async () => {
    const facts = /\d+ [MB]\s.*\d+ MB.*Apache-2\.0.* of memory.*tokens\/s/;
    assert.match(await (await openList(BUNDLED, BUNDLED)).innerText(), /in use · comes with Lacuna/);
    await editor.page.keyboard.press("Escape");
    const found = await (await openList("other.gguf", "other.gguf")).innerText();
    assert.match(found, /llama\.cpp[\s\S]* MB \(F32\).*states no licence/);
    await editor.page.keyboard.press("Escape");
    assert.match((await (await openList(TO_DOWNLOAD, TO_DOWNLOAD)).innerText()).replaceAll("\n", " "), facts);
    await editor.page.keyboard.press("Escape");
    assert.equal(hub.hubSeen.length, 0);
  });

  it("imports a file that is chosen, and suggestions come from it without a reload, then from the bundled model again", async () => {
    await (await openList("Choose a File", "Choose a File")).click();
    await chooseFile(path.join(folder, "own", "Echo Own.gguf"));
    await waitFor("the imported model", () => existsSync(path.join(installed("Echo-Own"), "manifest.json")), Boolean, LIMIT_MS);
    await inUse("Echo-Own");
    assert.match(await suggestedBy(/Verifier\s+Tiny/), /^pha/);
    await (await openList(BUNDLED, BUNDLED)).click();
    await inUse(BUNDLED);
    assert.match(await suggestedBy(new RegExp(BUNDLED)), /\S/);
    assert.ok(await isSamePage());
  });

  it("measures each installed model, says how soon its text comes, and has one fill beside the other", async () => {
    const { keyboard } = editor.page;
    await editor.goTo(1, 1);
    await keyboard.press("Control+a");
    await keyboard.insertText(Array.from({ length: 40 }, (_, line) => `value_${line} = first + second * ${line}`).join("\n"));
    await editor.command("Lacuna: Benchmark This Machine");
    const center = editor.page.locator(".notifications-center");
    const found = async (): Promise<string> => {
      await editor.command("Notifications: Show Notifications");
      const text = await center.innerText();
      await editor.command("Notifications: Hide Notifications");
      return text;
    };
    const said = await waitFor("what was measured", found, (text) => text.includes("after a jump of the cursor"), LIMIT_MS);
    for (const name of [BUNDLED, "Echo-Own"]) assert.match(said, new RegExp(`${name}: first text \\d+ ms after a key`));
    assert.match(said, /decoding with drafts|wrote too little/);
    const measured = await openList("Echo-Own", "Echo-Own");
    assert.match(await measured.innerText(), /text \d+ ms after a key/);
    await measured.hover();
    await measured.locator(".codicon-symbol-snippet").click();
    const look = async (): Promise<string> => {
      const text = await (await openList("Echo-Own", "Echo-Own")).innerText();
      await keyboard.press("Escape");
      return text;
    };
    await waitFor("the model for fills", look, (text) => text.includes("fills holes"), LIMIT_MS);
    const filling = await openList("Echo-Own", "Echo-Own");
    await filling.hover();
    await filling.locator(".codicon-circle-slash").click();
    await waitFor("no model for fills", look, (text) => !text.includes("fills holes"), LIMIT_MS);
  });

  it("downloads a model after a confirmation, installs and uses it", async () => {
    await (await openList(TO_DOWNLOAD, TO_DOWNLOAD)).click();
    const dialog = editor.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    const text = await dialog.innerText();
    for (const said of [/Download qwen2\.5-coder-0\.5b\?/, /about 491 MB/, /Licence: Apache-2\.0/, /Free on the disk: \d/]) assert.match(text, said);
    assert.equal(hub.hubSeen.length, 0);
    await dialog.getByRole("button", { name: "Download" }).click();
    await inUse(TO_DOWNLOAD);
    assert.ok(existsSync(path.join(installed(TO_DOWNLOAD), "manifest.json")));
    const files = readdirSync(path.join(folder, "data"), { recursive: true }).map(String);
    assert.deepEqual(files.filter((name) => /\.(gguf|part)/.test(name)), []); // prettier-ignore
    assert.ok(hub.sentBytes > 0);
    assert.ok(await isSamePage());
  });

  it("asks before it removes a model, frees its disk, and the bundled one takes the place of the one in use", async () => {
    const line = await openList(TO_DOWNLOAD, TO_DOWNLOAD);
    await line.hover();
    await line.locator(".codicon-trash").click();
    const dialog = editor.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /of disk are freed\. The model that comes with Lacuna takes its place\./);
    await dialog.getByRole("button", { name: "Remove" }).click();
    await waitFor(
      "the folder's end",
      () => existsSync(installed(TO_DOWNLOAD)),
      (there) => !there,
    );
    await editor.page.locator(LIST).waitFor();
    await editor.page.keyboard.press("Escape");
    await inUse(BUNDLED);
    assert.ok(existsSync(installed("Echo-Own")));
  });
});
