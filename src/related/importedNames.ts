/** White space within a line only: a search through blank lines would begin anew at each of them. */
const STATEMENTS = [
  /^[ \t]*from[ \t]+([\w.]+)[ \t]+import\b/gm,
  /^[ \t]*import[ \t]+([\w.]+)[ \t]*(?:[;,#\r]|as\b|$)/gm,
  /\b(?:from|import|require|include|require_relative)\b[\s(]{0,80}["'<]([^"'>\n]+)["'>]/gm,
  /^[ \t]*(?:use|mod)[ \t]+([\w:]+)/gm,
];

/** The last names of the modules that a text imports, without folders and endings: `./lib/queue.js` and `lib.queue` are `queue`. */
export function importedNames(text: string): Set<string> {
  const modules = STATEMENTS.flatMap((statement) => [...text.matchAll(statement)].map(([, module]) => module));
  return new Set(modules.map(moduleName).filter((name) => name !== ""));
}

/** The name under which others import a file. */
export function moduleName(module: string): string {
  const parts = module.replace(/\.(py|pyi|[cm]?[jt]sx?|h|hpp|rb|rs|go)$/, "").split(/[/\\.:]+/);
  const last = parts.filter((part) => part !== "").at(-1) ?? "";
  return last === "index" || last === "__init__" ? (parts.at(-2) ?? "") : last;
}
