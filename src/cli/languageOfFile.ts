import path from "node:path";

/** What editors call the languages whose strings, comments and brackets the engine reads, and the endings of their files. */
const ENDINGS: Readonly<Record<string, string>> = {
  python: "py pyi pyw",
  javascript: "js mjs cjs",
  javascriptreact: "jsx",
  typescript: "ts mts cts",
  typescriptreact: "tsx",
  c: "c",
  cpp: "cc cpp cxx h hh hpp hxx ino",
  csharp: "cs",
  java: "java",
  go: "go",
  rust: "rs",
  swift: "swift",
  kotlin: "kt kts",
  dart: "dart",
  groovy: "groovy gradle",
  scala: "scala sc",
  php: "php",
  ruby: "rb rake gemspec",
  shellscript: "sh bash zsh",
  powershell: "ps1 psm1",
  lua: "lua",
  perl: "pl pm",
  r: "r",
  julia: "jl",
  haskell: "hs",
  sql: "sql",
  css: "css",
  scss: "scss",
  less: "less",
  html: "html htm",
  xml: "xml",
  vue: "vue",
  svelte: "svelte",
  json: "json",
  jsonc: "jsonc",
  yaml: "yaml yml",
  toml: "toml",
  ini: "ini cfg",
  markdown: "md markdown",
  latex: "tex",
};

const BY_ENDING = new Map(Object.entries(ENDINGS).flatMap(([language, endings]) => endings.split(" ").map((ending) => [ending, language])));

/** The language of a file as an editor names it, by the ending of its name; undefined where that says nothing. */
export function languageOfFile(file: string): string | undefined {
  return BY_ENDING.get(path.extname(file).slice(1).toLowerCase());
}
