import type { EditorServer } from "./editorServer.js";

export interface WorkbenchPlace {
  /** The folder to open; absolute, like all paths here. */
  readonly folder: string;
  /** The folder of an extension to load from its sources. */
  readonly extension?: string | undefined;
  /** A module whose `run` the extension host calls; the workbench then closes. */
  readonly tests?: string | undefined;
  readonly openFile?: string | undefined;
}

/** The address that makes a browser open a workbench with these parts. */
export function workbenchUrl({ host }: EditorServer, { folder, extension, tests, openFile }: WorkbenchPlace): string {
  const remote = (file: string | undefined): string[] => (file === undefined ? [] : [`vscode-remote://${host}${file}`]);
  const payload = [
    ["skipWelcome", "true"],
    ...remote(extension).map((url) => ["extensionDevelopmentPath", url]),
    ...remote(tests).map((url) => ["extensionTestsPath", url]),
    ...remote(openFile).map((url) => ["openFile", url]),
  ];
  return `http://${host}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
