/** What is known of a document without reading it. */
export interface DocumentFacts {
  readonly scheme: string;
  /** Path with forward slashes. */
  readonly path: string;
  readonly languageId: string;
  readonly lineCount: number;
  /** UTF-16 units. */
  readonly length: number;
}

const MAX_UNITS = 1_000_000;
const MAX_LINES = 20_000;
/** Where text is written; diffs, output panes, commit boxes and the like have schemes of their own. */
const SCHEMES = new Set(["file", "untitled", "vscode-remote", "vscode-notebook-cell", "vscode-vfs", "vscode-userdata", "memfs"]);
const LANGUAGES_OFF = new Set(["Log", "log", "scminput", "search-result", "code-text-binary", "git-commit", "git-rebase", "dotenv"]);
const SECRET_NAME = new RegExp(
  [
    "^\\.env(\\..*)?$|\\.env$|^\\.envrc$|^\\.(netrc|npmrc|pypirc|pgpass|htpasswd|git-credentials)$",
    "^id_(rsa|dsa|ecdsa|ed25519)|\\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|age)$",
    "^(credentials|secrets?)(\\.(json|ya?ml|toml|ini|txt|env))?$|service[-_]?account.*\\.json$",
  ].join("|"),
  "i",
);
const SECRET_FOLDER = /\/\.(ssh|aws|gnupg|kube|docker)\//;

/** Why a document gets no suggestions; undefined when it may have some. */
export function documentRefusal({ scheme, path, languageId, lineCount, length }: DocumentFacts): string | undefined {
  if (!SCHEMES.has(scheme)) return `Nothing is suggested in views of this kind (${scheme}).`;
  if (LANGUAGES_OFF.has(languageId)) return `Nothing is suggested in documents of this kind (${languageId}).`;
  if (length > MAX_UNITS || lineCount > MAX_LINES) return "The file is too large.";
  if (SECRET_NAME.test(path.slice(path.lastIndexOf("/") + 1)) || SECRET_FOLDER.test(path)) return "The file looks as if it held secrets.";
  return undefined;
}
