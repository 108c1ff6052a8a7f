import { CodeReader } from "./codeReader.js";
import { syntaxOf } from "./syntaxOf.js";

/**
 * How many brackets of a text have no partner. Good for comparing texts that differ in one place.
 *
 * @param languageId as the editor names it; undefined: not known
 */
export function unmatchedBrackets(text: string, languageId?: string): number {
  let unmatched = 0;
  const reader = new CodeReader(syntaxOf(languageId));
  const count = (): number => reader.frames.filter(({ kind }) => kind === "bracket").length;
  reader.read(text, ({ frame }) => {
    if (frame === -1) unmatched += 1;
    else unmatched += reader.frames.slice(frame + 1).filter(({ kind }) => kind === "bracket").length;
  });
  return unmatched + count();
}
