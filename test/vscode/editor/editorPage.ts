import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import { EditorServer, type EditorServerOptions } from "./editorServer.js";
import { openBrowser } from "./openBrowser.js";
import { packagedExtension } from "./packagedExtension.js";
import { sampleWorkspace } from "./sampleWorkspace.js";
import { waitFor } from "./waitFor.js";
import { workbenchUrl } from "./workbenchUrl.js";

const ROOT = path.resolve(import.meta.dirname, "../../..");
/** Generous: a loaded machine is no defect of the extension. */
const WAIT_LIMIT_MS = 120_000;
const SAVE_LIMIT_MS = 5000;
/** A file that stays the same so long is written. */
const SETTLED_MS = 50;
const QUICK_INPUT_LIMIT_MS = 5000;
const QUICK_INPUT = ".quick-input-widget input:visible";

/** Read in the page, in one go; the first line is made of pieces, further lines are lines of their own, in any order. */
const READ_GHOST_TEXT = `(() => {
  const top = (line) => Number.parseFloat(line.style.top) || 0;
  const pieces = [...document.querySelectorAll(".view-line .ghost-text-decoration, .view-line .ghost-text-decoration-preview")];
  const lines = [...document.querySelectorAll(".suggest-preview-text .view-line")].sort((a, b) => top(a) - top(b));
  const texts = [pieces.map((piece) => piece.textContent).join(""), ...lines.map((line) => line.textContent)];
  return texts.join("\\n").replaceAll("\\u00a0", " ");
})()`;

export interface EditorPageOptions extends EditorServerOptions {
  /** A file of the sample workspace to open. */
  readonly file: string;
  /** The folder of another extension to load instead. */
  readonly extension?: string;
  readonly width?: number;
  readonly height?: number;
}

/**
 * A workbench in a browser with the extension in it and a file open, used as a person uses it: by keys and eyes.
 *
 * With LACUNA_TEST_EXTENSION=vsix the extension is packaged and installed, else it is loaded from the repository.
 */
export class EditorPage {
  readonly page: Page;
  readonly #folder: string;
  readonly #close: readonly (() => Promise<void> | void)[];
  readonly #openWindow: (file: string) => Promise<EditorPage>;

  private constructor(page: Page, folder: string, close: readonly (() => Promise<void> | void)[], openWindow: (file: string) => Promise<EditorPage>) {
    this.page = page;
    this.#folder = folder;
    this.#close = close;
    this.#openWindow = openWindow;
  }

  /** @throws EditorUnavailable */
  static async open({ file, extension: other, width = 1200, height = 800, ...options }: EditorPageOptions): Promise<EditorPage> {
    const close: (() => Promise<void> | void)[] = [];
    try {
      const workspace = sampleWorkspace();
      close.unshift(workspace.remove);
      const extension = other === undefined ? packagedExtension() : undefined;
      if (extension !== undefined) close.push(extension.remove);
      const server = await EditorServer.start({ ...options, vsix: extension?.vsix });
      close.unshift(() => server.stop());
      const browser = await openBrowser();
      close.unshift(() => browser.close());
      const source = extension === undefined ? (other ?? ROOT) : undefined;
      const openPage = async (folder: string, opened: string): Promise<Page> => {
        const page = await browser.newPage({ viewport: { width, height } });
        page.setDefaultTimeout(WAIT_LIMIT_MS);
        await page.goto(workbenchUrl(server, { folder, extension: source, openFile: path.join(folder, opened) }));
        await page.waitForSelector(".monaco-editor .view-line");
        return page;
      };
      const openWindow = async (opened: string): Promise<EditorPage> => {
        const { folder, remove } = sampleWorkspace();
        const page = await openPage(folder, opened);
        return new EditorPage(page, folder, [() => page.close(), remove], openWindow);
      };
      const { folder } = workspace;
      return new EditorPage(await openPage(folder, file), folder, close, openWindow);
    } catch (error) {
      for (const each of close) await each();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const each of this.#close) await each();
  }

  /** Another window of the same editor, with a workspace of its own. It is closed before the first one. */
  another(file: string): Promise<EditorPage> {
    return this.#openWindow(file);
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    await this.chooseCommand(title);
    await this.page.locator(QUICK_INPUT).waitFor({ state: "hidden" });
  }

  /** Runs a command that asks something in the palette's place. */
  async chooseCommand(title: string): Promise<void> {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await this.#openQuickInput("F1", async (input) => {
      await input.fill(`>${title}`);
      await row.waitFor({ timeout: QUICK_INPUT_LIMIT_MS });
    });
    await this.page.keyboard.press("Enter");
  }

  /** Puts the cursor at a 1-based place of the file that is open. */
  async goTo(line: number, column: number): Promise<void> {
    await this.page.locator(".editor-instance .monaco-editor .view-lines").first().click();
    await this.#openQuickInput("Control+g", () => this.page.keyboard.type(`${line}:${column}`));
    await this.page.keyboard.press("Enter");
    await this.page.locator(QUICK_INPUT).waitFor({ state: "hidden" });
  }

  /**
   * Opens a quick input by its key and enters something, over again if that fails: a key may come before the workbench
   * listens, and the palette lists what it knew when it was opened, not a command whose condition comes true later.
   */
  async #openQuickInput(key: string, enter: (input: Locator) => Promise<void>): Promise<void> {
    const input = this.page.locator(QUICK_INPUT);
    const tryOnce = async (): Promise<unknown> => {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ state: "visible", timeout: QUICK_INPUT_LIMIT_MS });
        await enter(input);
        return undefined;
      } catch (error) {
        await this.page.keyboard.press("Escape");
        return String(error);
      }
    };
    await waitFor(`what became of ${key}`, tryOnce, (failure) => failure === undefined, WAIT_LIMIT_MS);
  }

  /** The ghost text that can be seen, line by line, its blanks as blanks. */
  async ghostText(): Promise<string> {
    return this.page.evaluate<string>(READ_GHOST_TEXT);
  }

  /** Waits until `condition` holds of the ghost text. @returns that ghost text. @throws Error, with what was last seen, after `limitMs` */
  async waitForGhost(condition: (text: string) => boolean, limitMs = WAIT_LIMIT_MS): Promise<string> {
    return waitFor("the ghost text", () => this.ghostText(), condition, limitMs);
  }

  /** Saves the file that is open, again and again until what was saved fulfils `condition`. @returns that text */
  async savedText(file: string, condition: (text: string) => boolean = () => true): Promise<string> {
    const save = async (): Promise<string | undefined> => {
      await this.page.keyboard.press("Control+s");
      // An edit that is on its way may come behind the key: then it is pressed again.
      const saved = this.page.locator(".tab.dirty").waitFor({ state: "detached", timeout: SAVE_LIMIT_MS });
      return saved.then(
        () => this.#writtenText(file),
        () => undefined,
      );
    };
    return (await waitFor(file, save, (text) => text !== undefined && condition(text)))!;
  }

  /** A file as it lies on the disk once nobody writes it any more: while it is written, it is empty for a moment. */
  async #writtenText(file: string): Promise<string> {
    let text = this.fileText(file);
    for (;;) {
      await pause(SETTLED_MS);
      const now = this.fileText(file);
      if (now === text) return text;
      text = now;
    }
  }

  /** A file of the workspace as it lies on the disk. */
  fileText(file: string): string {
    return readFileSync(path.join(this.#folder, file), "utf8");
  }
}
