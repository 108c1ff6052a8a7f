import type { RelatedText } from "../protocol/messages.js";
import { toLf } from "./lineEnds.js";

/** How a language begins a comment, by the endings of its files; all others take `//`. */
const COMMENT_STARTS: Readonly<Record<string, string>> = {
  "#": "py pyi pyw rb sh bash zsh fish yaml yml toml r jl pl pm ex exs cmake nim tcl coffee ps1 tf mk gd",
  "--": "sql lua hs elm adb ads vhd vhdl",
  "%": "tex sty erl hrl",
  ";": "lisp cl clj cljs scm rkt el asm s",
  "<!--": "html htm xml svg md vue svelte",
  "/*": "css",
};
const COMMENT_ENDS: Readonly<Record<string, string>> = { "<!--": " -->", "/*": " */" };
const START_OF = new Map(Object.entries(COMMENT_STARTS).flatMap(([start, endings]) => endings.split(" ").map((ending) => [ending, start] as const)));

/** A piece of another file as a prompt holds it, LF line ends: a comment that names the file, its text, a line end. */
export function relatedPiece({ path, text }: RelatedText): string {
  const start = START_OF.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase()) ?? "//";
  const lines = toLf(text);
  return `${start} ${path.replaceAll(/[\r\n]/g, " ")}${COMMENT_ENDS[start] ?? ""}\n${lines}${lines.endsWith("\n") ? "" : "\n"}`;
}
