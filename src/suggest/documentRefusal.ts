import { isSecretFile } from "./secretFiles.js";

/** What is known of a document without reading it. */
export interface DocumentFacts {
  readonly scheme: string;
  /** Whether the file system of the scheme takes what is written; undefined: not known. */
  readonly isWritable?: boolean | undefined;
  /** Path with forward slashes. */
  readonly path: string;
  readonly languageId: string;
  readonly lineCount: number;
  /** UTF-16 units. */
  readonly length: number;
}

const MAX_UNITS = 1_000_000;
const MAX_LINES = 20_000;
/** What is shown and not written: panes, comparisons, boxes of other views. */
const VIEWS = new Set(
  [
    "output debug git gitfs gitlens github review pr scm vscode-scm comment walkthrough search-editor vscode-interactive-input",
    "vscode-chat-code-block vscode-chat-editor vscode-copilot-chat vscode-terminal vscode-settings vscode-local-history vscode-custom-data",
    "vscode-notebook-cell-output vscode-notebook-cell-metadata vscode-notebook-cell-output-diff extension inmemory private http https data",
  ]
    .join(" ")
    .split(" "),
);
/** Where text is written although no file system has it. */
const WITHOUT_FILES = new Set(["untitled", "vscode-notebook-cell"]);
const LANGUAGES_OFF = new Set(["Log", "log", "scminput", "search-result", "code-text-binary", "git-commit", "git-rebase", "dotenv"]);
/** Why a document gets no suggestions; undefined when it may have some. */
export function documentRefusal({ scheme, isWritable, path, languageId, lineCount, length }: DocumentFacts): string | undefined {
  if (VIEWS.has(scheme) || !(WITHOUT_FILES.has(scheme) || isWritable === true)) return `Nothing is suggested in views of this kind (${scheme}).`;
  if (LANGUAGES_OFF.has(languageId)) return `Nothing is suggested in documents of this kind (${languageId}).`;
  if (length > MAX_UNITS || lineCount > MAX_LINES) return "The file is too large.";
  if (isSecretFile(path)) return "The file looks as if it held secrets.";
  return undefined;
}
