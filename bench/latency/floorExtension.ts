import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const MANIFEST = {
  name: "floor",
  publisher: "lacuna-bench",
  version: "0.0.0",
  engines: { vscode: "^1.106.0" },
  activationEvents: ["onStartupFinished"],
  main: "./extension.js",
};
const CODE = `const { languages, InlineCompletionItem, Range } = require("vscode");
let calls = 0;
exports.activate = () => languages.registerInlineCompletionItemProvider({ pattern: "**" }, {
  provideInlineCompletionItems: (_, at) => [new InlineCompletionItem("ghost" + (calls += 1), new Range(at, at))],
});
`;

/** A new folder with an extension that suggests something else at each key, at once: what the editor itself takes. */
export function floorExtension(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-floor-"));
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(MANIFEST));
  writeFileSync(path.join(folder, "extension.js"), CODE);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
