import * as vscode from "vscode";
import type { DiagnosticsFacts } from "../view/diagnosticsReport.js";
import type { EngineLife } from "../client/engineLife.js";
import type { LatestRefusals } from "../suggest/latestRefusals.js";
import type { Settings } from "./settings.js";
import { SETTINGS, type SettingKey } from "../contributions/settingsTable.js";
import type { StatusFacts } from "../view/statusView.js";

const HIDDEN: readonly SettingKey[] = ["modelsPath", "fill.modelsPath", "server.url", "server.model"];

export interface DiagnosticsSources {
  readonly extension: vscode.Extension<unknown>;
  readonly settings: Settings;
  readonly engine: Pick<EngineLife, "started">;
  readonly refusals: LatestRefusals;
}

/** What a report of a problem says now, besides source text. */
export function diagnosticsFacts(sources: DiagnosticsSources, status: StatusFacts): Omit<DiagnosticsFacts, "source"> {
  const { extension, settings, engine, refusals } = sources;
  const isDefault = (key: SettingKey): boolean => JSON.stringify(settings.get(key)) === JSON.stringify(SETTINGS[key].default);
  const changed = (Object.keys(SETTINGS) as SettingKey[]).filter((key) => !isDefault(key));
  const identity = engine.started?.engine.identity;
  return {
    version: String((extension.packageJSON as { version: string }).version),
    editor: `${vscode.env.appName} ${vscode.version}`,
    platform: `${process.platform}-${process.arch}`,
    status,
    engine: identity === undefined ? undefined : `version ${identity.engineVersion}, runtime ${identity.runtimeVersion}`,
    // A path may hold a name, and so may an address.
    settings: Object.fromEntries(changed.map((key) => [key, HIDDEN.includes(key) ? "(set)" : settings.get(key)])),
    refusals: refusals.latest,
  };
}
