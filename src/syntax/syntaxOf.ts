/** How a language writes one kind of string. */
export interface StringForm {
  readonly opener: string | RegExp;
  /** What ends it, by what opened it. */
  readonly closer: (opener: string) => string;
  /** Whether a backslash takes the meaning of the character after it. */
  readonly hasEscapes: boolean;
  readonly isMultiline: boolean;
  /** What begins code within it, which its bracket ends. */
  readonly hole?: string | undefined;
}

/** What a reader of brackets has to know of a language. */
export interface Syntax {
  /** The longer ones first where one begins like another. */
  readonly strings: readonly StringForm[];
  readonly lineComments: readonly (string | RegExp)[];
  readonly blockComments: readonly (readonly [opener: string, closer: string])[];
  /** Whether a `'` right after a word, or without a partner close by, is no quote: a prime, an apostrophe, a lifetime. */
  readonly hasPrimes: boolean;
  /** Whether `/.../` may be a regular expression. */
  readonly hasPatterns: boolean;
  /** Whether a bracket that closes nothing is a mistake. */
  readonly isStrict: boolean;
}

const string = (quote: string, more: Partial<StringForm> = {}): StringForm => ({
  opener: quote,
  closer: () => quote,
  hasEscapes: true,
  isMultiline: false,
  ...more,
});
const raw = (quote: string, isMultiline = true): StringForm => string(quote, { hasEscapes: false, isMultiline });
/** What is quoted as one character: with anything longer, the quote is none. */
const CHARACTER: StringForm = string("'", { opener: /'(?=(\\[^\n]{1,10}?|[^\\\n'])')/uy, closer: () => "'" });
const BOTH = [string('"'), string("'")];
const TRIPLE = [string('"""', { isMultiline: true }), string("'''", { isMultiline: true })];
const SLASHES = ["//"];
const STARS = [["/*", "*/"]] as const;
/** Not in `$#`, `${#list}` or `a#b`. */
const SHELL_COMMENT = /(?<![^\s;()|&])#/y;

const PLAIN: Syntax = { strings: [], lineComments: [], blockComments: [], hasPrimes: true, hasPatterns: false, isStrict: false };
const C: Syntax = { ...PLAIN, strings: BOTH, lineComments: SLASHES, blockComments: STARS, isStrict: true };

const SYNTAXES: readonly (readonly [languages: string, syntax: Syntax])[] = [
  [
    "javascript javascriptreact typescript typescriptreact",
    { ...C, strings: [...BOTH, string("`", { isMultiline: true, hole: "${" })], hasPrimes: false, hasPatterns: true },
  ],
  ["python starlark", { ...PLAIN, strings: [...TRIPLE, ...BOTH], lineComments: ["#"], hasPrimes: false, isStrict: true }],
  [
    "c cpp objective-c objective-cpp cuda-cpp hlsl shaderlab glsl arduino",
    {
      ...C,
      strings: [{ ...raw('"'), opener: /R"[^\s()\\"]{0,16}\(/y, closer: (opener) => `)${opener.slice(2, -1)}"` }, ...BOTH],
    },
  ],
  ["java", { ...C, strings: [TRIPLE[0], ...BOTH] }],
  [
    "csharp",
    {
      ...C,
      strings: [
        string('"""', { hasEscapes: false, isMultiline: true }),
        string('@"', { closer: () => '"', hasEscapes: false, isMultiline: true }),
        string('$"', { closer: () => '"', hole: "{" }),
        ...BOTH,
      ],
    },
  ],
  ["go", { ...C, strings: [...BOTH, raw("`")] }],
  [
    "rust",
    {
      ...C,
      strings: [
        { ...raw('"'), opener: /\bb?r#*"/y, closer: (opener) => `"${opener.slice(opener.indexOf("r") + 1, -1)}` },
        string('"', { isMultiline: true }),
        CHARACTER,
      ],
    },
  ],
  ["swift", { ...C, strings: [string('"""', { isMultiline: true, hole: "\\(" }), string('"', { hole: "\\(" })] }],
  [
    "kotlin dart groovy",
    { ...C, strings: [...TRIPLE.map((form) => ({ ...form, hole: "${" })), ...BOTH.map((form) => ({ ...form, hole: "${" }))], hasPrimes: false },
  ],
  ["scala", { ...C, strings: [TRIPLE[0], string('"'), CHARACTER] }],
  ["php", { ...C, strings: BOTH.map((form) => ({ ...form, isMultiline: true })), lineComments: ["//", "#"], isStrict: false }],
  ["json jsonc json5", { ...C, hasPrimes: false }],
  ["css", { ...C, lineComments: [] }],
  ["scss less", C],
  [
    "ruby elixir crystal coffeescript",
    {
      ...PLAIN,
      strings: [...TRIPLE, ...[string('"', { isMultiline: true, hole: "#{" }), string("'", { isMultiline: true })]],
      lineComments: ["#"],
      hasPrimes: false,
    },
  ],
  ["shellscript dockerfile makefile perl", { ...PLAIN, strings: [string('"', { isMultiline: true }), raw("'")], lineComments: [SHELL_COMMENT] }],
  ["powershell", { ...PLAIN, strings: [raw('"'), raw("'")], lineComments: ["#"], blockComments: [["<#", "#>"]] }],
  ["r yaml toml ini properties cmake gdscript nim tcl", { ...PLAIN, strings: [...TRIPLE, ...BOTH], lineComments: [SHELL_COMMENT] }],
  ["julia", { ...PLAIN, strings: [TRIPLE[0], string('"'), CHARACTER], lineComments: ["#"], blockComments: [["#=", "=#"]] }],
  ["sql plsql", { ...PLAIN, strings: [raw("'"), raw('"')], lineComments: ["--"], blockComments: STARS, hasPrimes: false }],
  [
    "lua luau",
    {
      ...PLAIN,
      strings: [{ ...raw("["), opener: /\[=*\[/y, closer: (opener) => opener.replaceAll("[", "]") }, ...BOTH],
      lineComments: [/--(?!\[=*\[)/y],
      blockComments: [["--[[", "]]"]],
      hasPrimes: false,
    },
  ],
  ["haskell purescript elm", { ...PLAIN, strings: [string('"'), CHARACTER], lineComments: ["--"], blockComments: [["{-", "-}"]] }],
  [
    "ocaml fsharp",
    { ...PLAIN, strings: [TRIPLE[0], string('"', { isMultiline: true }), CHARACTER], lineComments: SLASHES, blockComments: [["(*", "*)"]] },
  ],
  ["clojure lisp scheme racket", { ...PLAIN, strings: [string('"', { isMultiline: true })], lineComments: [";"] }],
  ["vb vba", { ...PLAIN, strings: [raw('"', false)], lineComments: ["'"] }],
  ["matlab octave erlang", { ...PLAIN, strings: [string('"'), CHARACTER], lineComments: ["%"] }],
  ["latex tex bibtex", { ...PLAIN, lineComments: [/(?<!\\)%/y] }],
  ["markdown plaintext restructuredtext asciidoc html xml vue svelte git-commit", { ...PLAIN, blockComments: [["<!--", "-->"]] }],
];

/** What is known of a language that is not: quotes that have a partner on their line. */
const UNKNOWN: Syntax = { ...PLAIN, strings: [string('"'), string("'"), string("`")] };

const BY_LANGUAGE = new Map(SYNTAXES.flatMap(([languages, syntax]) => languages.split(" ").map((language) => [language, syntax] as const)));

/** How a language writes strings and comments. @param languageId as the editor names it; undefined: not known */
export function syntaxOf(languageId: string | undefined): Syntax {
  return (languageId === undefined ? undefined : BY_LANGUAGE.get(languageId)) ?? UNKNOWN;
}
