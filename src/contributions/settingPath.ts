/** What a path in a setting may refer to. */
export interface PathSources {
  /** The person's own folder. */
  readonly home: string;
  /** The first folder of the workspace; undefined where there is none. */
  readonly workspaceFolder: string | undefined;
  /** Value of a variable of the environment. */
  readonly variable: (name: string) => string | undefined;
  /** Whether a path begins at a root. */
  readonly isAbsolute: (path: string) => boolean;
  readonly join: (folder: string, path: string) => string;
}

/**
 * A path as a setting means it: `~`, `${userHome}`, `${workspaceFolder}` and `${env:NAME}` stand for what they stand for elsewhere in
 * the editor, and a relative path begins at the workspace's folder. What cannot be known stays as it is, so that an error names it.
 */
export function settingPath(value: string, { home, workspaceFolder, variable, isAbsolute, join }: PathSources): string {
  const path = value
    .trim()
    .replace(/^~(?=[/\\]|$)/, () => home)
    .replaceAll(/\$\{(userHome|workspaceFolder|env:([^}]+))\}/g, (whole: string, what: string, name: string | undefined) => {
      if (name !== undefined) return variable(name) ?? whole;
      return (what === "userHome" ? home : workspaceFolder) ?? whole;
    });
  return path === "" || path.startsWith("${") || isAbsolute(path) || workspaceFolder === undefined ? path : join(workspaceFolder, path);
}
