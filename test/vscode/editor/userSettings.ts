import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { manifestProperties } from "../../../src/contributions/settingsTable.js";
import { bundledSettings } from "../../models/bundledModels.js";

/** User settings of the editors that tests run in: nothing that shows up unasked, asks the network or writes beside the tests. */
export const USER_SETTINGS: Readonly<Record<string, unknown>> = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "js/ts.tsserver.automaticTypeAcquisition.enabled": false,
  "typescript.check.npmIsInstalled": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "editor.minimap.enabled": false,
  "files.autoSave": "off",
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  // What the models are sure of is not what these tests are about.
  "lacuna.suggestions.appear": "often",
  ...bundledSettings,
};

/**
 * Writes settings where an editor with the data folder `data` looks for them. Those that belong to the machine where the
 * extension runs are written twice: an editor with a server wants them in a file of their own, and may drop them from the user's.
 */
export function writeSettings(data: string, settings: Readonly<Record<string, unknown>>): void {
  const properties = manifestProperties();
  const ofMachine = Object.entries(settings).filter(([key]) => properties[key]?.scope.startsWith("machine"));
  writeFile(path.join(data, "User"), settings);
  writeFile(path.join(data, "Machine"), Object.fromEntries(ofMachine));
}

function writeFile(folder: string, settings: Readonly<Record<string, unknown>>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "settings.json"), JSON.stringify(settings));
}
