/** A document and its selection, in characters from the start. */
export interface EditorState {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Whether replacing the selection with `typed` turns `before` into `text`. */
export function isTyped({ text: old, start, end }: EditorState, typed: string, text: string): boolean {
  return text === old.slice(0, start) + typed + old.slice(end);
}

/** Whether typing a closing bracket first on its line, which the editor then indents anew, turns `before` into `text`. */
export function isTypedClosing(before: EditorState, typed: string, text: string): boolean {
  const lineStart = before.text.lastIndexOf("\n", before.start - 1) + 1;
  if (!/^[)\]}]$/.test(typed) || before.text.slice(lineStart, before.start).trim() !== "") return false;
  const indentation = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
  return text === before.text.slice(0, lineStart) + indentation + typed + before.text.slice(before.end);
}

/** Whether deleting the selection, or the character before the cursor, turns `before` into `text`. */
export function isDeletedLeft({ text: old, start, end }: EditorState, text: string): boolean {
  return text === old.slice(0, start === end ? Math.max(0, start - 1) : start) + old.slice(end);
}

/** Whether `text` is `before` with something else, longer or shorter, in place of the selection. */
export function isReplaced({ text: old, start, end }: EditorState, text: string): boolean {
  return text.length >= old.length - (end - start) && text.startsWith(old.slice(0, start)) && text.endsWith(old.slice(end));
}

/**
 * Whether accepting a suggestion can turn `before` into `text`: it adds at the cursor, and keeps, in order, what stood
 * behind the cursor on its line; all else stays. Nothing at all happens when no suggestion was shown.
 */
export function isAccepted({ text: old, start, end }: EditorState, text: string): boolean {
  if (text === old) return true;
  if (start !== end) return false;
  const newline = old.indexOf("\n", start);
  const lineEnd = newline < 0 ? old.length : newline;
  if (text.length <= old.length || !text.startsWith(old.slice(0, start)) || !text.endsWith(old.slice(lineEnd))) return false;
  return isSubsequence(old.slice(start, lineEnd), text.slice(start, text.length - (old.length - lineEnd)));
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (const character of long) if (character === short[at]) at += 1;
  return at === short.length;
}
