/** How a document ends its lines. */
export type LineEnd = "\n" | "\r\n";

/** The line end that most lines of `text` have; LF when there is none or a tie. */
export function lineEndOf(text: string): LineEnd {
  let crlf = 0;
  let lf = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    if (text[at - 1] === "\r") crlf += 1;
    else lf += 1;
  }
  return crlf > lf ? "\r\n" : "\n";
}

/** `text` as the models know it: lines end in LF. */
export function toLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** Text of a model (LF) with the line ends of a document. */
export function fromLf(text: string, lineEnd: LineEnd): string {
  return lineEnd === "\n" ? text : text.replaceAll("\n", lineEnd);
}
