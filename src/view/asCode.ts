/** A text that somebody else wrote, in Markdown as nothing but text. @param most of its characters */
export function asCode(text: string, most = 200): string {
  return `\`${text.replaceAll(/[`|\s]+/g, " ").slice(0, most)}\``;
}
