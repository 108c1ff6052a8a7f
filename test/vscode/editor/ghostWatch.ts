import type { Page } from "playwright-core";

/** What the page showed when it changed. Times are in ms since the page was opened, by the page's clock. */
export interface GhostSample {
  readonly atMs: number;
  /** Everything on the lines but ghost text. */
  readonly typed: string;
  readonly ghost: string;
}

export interface GhostRecord {
  readonly keys: readonly { readonly atMs: number; readonly key: string }[];
  readonly samples: readonly GhostSample[];
}

/** Runs in the page: notes each key as it goes down, and the text after each change of the lines that changed it. */
const WATCH = `(() => {
  const keys = [], samples = [];
  const GHOST = [".ghost-text-decoration", ".ghost-text-decoration-preview", ".suggest-preview-text"];
  const ghosts = GHOST.map((name) => ".editor-instance " + name).join();
  const read = () => {
    const lines = [...document.querySelectorAll(".editor-instance .view-lines > .view-line")];
    const typed = lines.map((line) => {
      const copy = line.cloneNode(true);
      for (const ghost of copy.querySelectorAll(GHOST.join())) ghost.remove();
      return copy.textContent;
    });
    const ghost = [...document.querySelectorAll(ghosts)].map((element) => element.textContent);
    return { atMs: performance.now(), typed: typed.join("\\n"), ghost: ghost.join("\\n").trim() };
  };
  let last = read();
  new MutationObserver(() => {
    const now = read();
    if (now.typed === last.typed && now.ghost === last.ghost) return;
    last = now;
    samples.push(now);
  }).observe(document.querySelector(".editor-instance .view-lines").parentElement, { childList: true, subtree: true, characterData: true });
  addEventListener("keydown", ({ key }) => keys.push({ atMs: performance.now(), key }), { capture: true });
  window.lacunaGhostRecord = { keys, samples };
})()`;

/** Starts to watch the editor in a page. */
export async function watchGhost(page: Page): Promise<void> {
  await page.evaluate(WATCH);
}

/** What was seen since `watchGhost`. */
export function ghostRecord(page: Page): Promise<GhostRecord> {
  return page.evaluate<GhostRecord>("window.lacunaGhostRecord");
}
