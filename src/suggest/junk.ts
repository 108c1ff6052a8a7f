import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

/** The special tokens that models spell out where they should end, by the names that families give them. */
const NAMES = [
  ...["endoftext", "end_of_text", "begin_of_text", "im_start", "im_end", "im_sep", "eot_id", "eom_id", "start_header_id", "end_header_id", "EOT"],
  ...["fim_prefix", "fim_suffix", "fim_middle", "fim_pad", "fim_sep", "file_sep", "file_separator", "repo_name", "mask", "expand", "sep", "pad"],
];
const MARKS = [
  ...NAMES.map((name) => `<|${name}|>`),
  ...["fim_prefix", "fim_suffix", "fim_middle", "fim_pad", "file_sep", "repo_name"].map((name) => `<${name}>`),
  ...["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>"],
];
const MARK = new RegExp(MARKS.map((mark) => mark.replaceAll("|", "\\|")).join("|"), "g");
const LONGEST_MARK = Math.max(...MARKS.map(({ length }) => length));
/** What is not Unicode, and control characters. */
const NO_TEXT = /\uFFFD|[\0-\x08\x0e-\x1f]/;

/** Cuts before a special token that is spelt out, and before what is no text. What may become such a token waits. */
export function withoutJunk(text: string, around: Surroundings, isEnded: boolean): Trimmed {
  const ends = [text.search(NO_TEXT), firstMark(text, around)].filter((at) => at !== -1);
  if (ends.length > 0) return { text: text.slice(0, Math.min(...ends)), isCut: true };
  return { text: isEnded ? text : text.slice(0, text.length - begunMark(text)), isCut: false };
}

/** Index of the first special token outside of strings, where code that handles such tokens names them; -1: there is none. */
function firstMark(text: string, { code }: Surroundings): number {
  for (const { index } of text.matchAll(MARK)) if (!code.isInString(text, index)) return index;
  return -1;
}

/** Length of the end of a text that begins a special token. */
function begunMark(text: string): number {
  const from = text.lastIndexOf("<");
  const end = from === -1 ? "" : text.slice(from);
  return end.length < LONGEST_MARK && MARKS.some((mark) => mark.startsWith(end)) ? end.length : 0;
}
