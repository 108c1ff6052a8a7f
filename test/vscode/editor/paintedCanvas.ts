import type { Page } from "playwright-core";

/** A canvas as a page shows it. */
export interface PaintedCanvas {
  /** Undecided places. */
  readonly masks: number;
  /** The pieces of text, row by row and from left to right. */
  readonly text: string;
  /** What it says of the keys that act on it; empty when no canvas is open. */
  readonly hint: string;
}

/** Read in the page: what decorations put before the hole. They have no text of their own, only a style. */
const READ = `(() => {
  const spans = [...document.querySelectorAll(".view-line span[class*='ced-']")];
  const pieces = spans.map((span) => getComputedStyle(span, "::before"));
  // The hint is in italics, and stands in or behind the line.
  const hints = [...pieces, ...spans.map((span) => getComputedStyle(span, "::after"))].filter(({ fontStyle }) => fontStyle === "italic");
  const painted = pieces.filter(({ position, content, fontStyle }) => position === "absolute" && content !== "none" && fontStyle !== "italic");
  const textOf = ({ content }) => JSON.parse(content).replaceAll("\\u00a0", " ");
  const number = (value) => Number.parseFloat(value) || 0;
  const isMask = (piece) => textOf(piece) === " " && piece.borderRadius === "3px" && number(piece.height) < number(piece.fontSize);
  const columnOf = ({ left, marginLeft }) => number(left) + number(marginLeft);
  const inOrder = painted.sort((a, b) => number(a.top) - number(b.top) || columnOf(a) - columnOf(b));
  return {
    masks: painted.filter(isMask).length,
    text: inOrder.filter((piece) => !isMask(piece)).map(textOf).join("").trim(),
    hint: hints.filter(({ content }) => content.startsWith('"')).map(textOf).join(""),
  };
})()`;

/** What is painted now. */
export function paintedCanvas(page: Page): Promise<PaintedCanvas> {
  return page.evaluate<PaintedCanvas>(READ);
}

/** Calls back once, at the first frame that shows both masks and text. */
export async function onceMidway(page: Page, listener: () => void): Promise<void> {
  const name = `lacunaMidway${(calls += 1)}`;
  await page.exposeFunction(name, listener);
  await page.evaluate(`(() => {
    const look = () => {
      const { masks, text } = ${READ};
      if (masks > 0 && text !== "") window.${name}();
      else requestAnimationFrame(look);
    };
    look();
  })()`);
}

let calls = 0;

/** Notes what is painted, frame by frame. @returns what ends that and gives all that was seen, each once */
export async function watchCanvas(page: Page): Promise<() => Promise<readonly PaintedCanvas[]>> {
  await page.evaluate(`(() => {
    const seen = new Map();
    let isOn = true;
    const look = () => {
      const canvas = ${READ};
      seen.set(JSON.stringify(canvas), canvas);
      if (isOn) requestAnimationFrame(look);
    };
    window.lacunaCanvases = () => ((isOn = false), [...seen.values()]);
    look();
  })()`);
  return () => page.evaluate<readonly PaintedCanvas[]>("window.lacunaCanvases()");
}
