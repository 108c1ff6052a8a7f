/** Words that close a block: `end`, `end if`, `endif`, `fi`, `done`, `esac`. */
const WORD = /^(end|end\s?[a-z]+|fi|done|esac|od)\b[\s;,.)\]}]*$/i;
/** Tags of markup, of templates and of LaTeX. */
const TAG = /^(<\/[\w.:-]*\s*>|\{%-?\s*end\w*\s*-?%\}|\{\{\s*\/\w+\s*\}\}|\{\{-?\s*end\s*-?\}\}|<%-?\s*end\s*-?%>|\\end\{[^}]*\})[\s;,)\]}]*$/;

/** Whether a line only closes a block by a word: like brackets alone, it says where it belongs by its indentation. */
export function isClosingWord(line: string): boolean {
  const text = line.trim();
  return WORD.test(text) || TAG.test(text);
}
