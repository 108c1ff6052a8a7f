/**
 * Installs what the tests in a real editor need and is not there yet: the editors and a browser, below .cache.
 *
 *     node --import tsx test/vscode/installAll.ts
 *
 * Exit code 3 when there is no browser, so that the tests cannot run, with the reason on stderr; 1 when something failed.
 */
import { browserInstall } from "./editor/browserInstall.js";
import { editorInstall } from "./editor/editorInstall.js";
import { EditorUnavailable } from "./editor/editorUnavailable.js";

const NO_BROWSER = 3;

function install(step: () => unknown, exitCode: number): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof EditorUnavailable)) throw error;
    process.stderr.write(`${error.reason}\n`);
    process.exitCode ??= exitCode;
  }
}

install(browserInstall, NO_BROWSER);
if (process.exitCode === undefined) {
  install(() => editorInstall("current"), 1);
  install(() => editorInstall("oldest"), 1);
}
