import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

/** A text whose brackets and quotes fit between what stands on both sides of it. */
export interface Fitted {
  readonly text: string;
  /** Characters right after the cursor that the text says too, and that it replaces. */
  readonly replaced: number;
  /** Whether it was cut before what nothing could make right. */
  readonly isCut: boolean;
}

const CLOSER = /[)\]}"'`]/;
const CLOSERS = /^[)\]}"'`]*/;
const MAY_FOLLOW = /^[\s:;,{]*$/;
const SEPARATORS = /^[:;,]+$/;

/**
 * The longest beginning of a text after which what follows the cursor closes what it closed before.
 *
 * A text that closes a bracket which is closed already, anywhere after the cursor, ends before it. Where that bracket stands right
 * after the cursor, as an editor puts it there, the text may replace it instead, so that the cursor ends up behind it.
 *
 * @param mayReplace whether characters after the cursor can be replaced
 */
export function fitClosers(text: string, { lineSuffix, code }: Surroundings, mayReplace: boolean): Fitted {
  if (!CLOSER.test(text)) return { text, replaced: 0, isCut: false };
  const { closings } = code.read(text);
  if (closings.length === 0) return { text, replaced: 0, isCut: false };
  const wrong = closings.find((closing) => code.isWrong(text, closing));
  const ends = [
    wrong?.index ?? text.length,
    ...closings
      .map(({ index }) => index)
      .filter((index) => index < (wrong?.index ?? Infinity))
      .toReversed(),
  ];
  const most = mayReplace ? CLOSERS.exec(lineSuffix)![0].length : 0;
  for (const end of ends) {
    const part = text.slice(0, end);
    const { frames } = code.read(part);
    for (let replaced = 0; replaced <= most; replaced += 1) {
      if (code.isMetBy(frames, replaced)) return { text: part, replaced: withSeparators(part, lineSuffix, replaced), isCut: end === wrong?.index };
    }
  }
  return { text: text.slice(0, ends.at(-1)), replaced: 0, isCut: false };
}

/** With a closer goes what stands after it, where the text says that too. */
function withSeparators(text: string, lineSuffix: string, replaced: number): number {
  const behind = lineSuffix.trimEnd();
  for (let length = behind.length; replaced > 0 && length > replaced; length -= 1) {
    if (MAY_FOLLOW.test(behind.slice(replaced, length)) && text.endsWith(behind.slice(0, length))) return length;
  }
  return replaced;
}

/** A text without the separators at its end that stand after the cursor already. */
export function withoutDoubledSeparators(text: string, { lineSuffix }: Surroundings): string {
  const behind = lineSuffix.trimEnd();
  for (let length = Math.min(text.length, behind.length); length > 0; length -= 1) {
    const end = behind.slice(0, length);
    if (SEPARATORS.test(end) && text.endsWith(end)) return text.slice(0, -length);
  }
  return text;
}

/** Nothing of a text within a line that ends with a bracket which nothing closes: what was to follow had no room there. */
export function withoutOpenEnd(text: string, { lineSuffix, code }: Surroundings): Trimmed {
  const isWithinLine = lineSuffix.trim() !== "" && !text.includes("\n");
  const isOpen = isWithinLine && /[([{]\s*$/.test(text) && code.unmatchedWith(text) > code.unmatchedWith("");
  return isOpen ? { text: "", isCut: true } : { text, isCut: false };
}
