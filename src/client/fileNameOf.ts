/** Documents that lie in no file of their own. */
const WITHOUT_FILE = /^(?:untitled|vscode-notebook-cell):/u;
const NAME = /([^/?#]+)(?:[?#].*)?$/u;

/** The name of the file that a document's address names, without its folders; undefined for one that has none. */
export function fileNameOf(uri: string): string | undefined {
  const name = WITHOUT_FILE.test(uri) ? undefined : NAME.exec(uri)?.[1];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return name;
  }
}
