import { readFileSync } from "node:fs";
import path from "node:path";

const MANIFEST = path.resolve(import.meta.dirname, "../../../package.json");

interface Manifest {
  readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> } };
}

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
};

/**
 * Those of some settings that belong to the machine where the extension runs. An editor whose extensions run on a server
 * looks for them there, and may drop them from the user's own.
 */
export function machineSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { properties } = (JSON.parse(readFileSync(MANIFEST, "utf8")) as Manifest).contributes.configuration;
  return Object.fromEntries(Object.entries(settings).filter(([key]) => properties[key]?.scope?.startsWith("machine")));
}
