import * as vscode from "vscode";
import { BatteryWatch } from "../machine/batteryWatch.js";
import { registerBenchmark } from "./benchmark.js";
import { BrokenDownload } from "./brokenDownload.js";
import { registerDiagnostics } from "./diagnostics.js";
import { diagnosticsFacts } from "./diagnosticsFacts.js";
import { FillMiddle } from "./fillMiddle.js";
import { ConfiguredEngine } from "./configuredEngine.js";
import { CommandLines } from "./commandLines.js";
import { registerCuda } from "./cudaProvider.js";
import { registerMenu } from "./menu.js";
import { ModelOffer } from "./modelOffer.js";
import { ModelPaces } from "./modelPaces.js";
import { Models } from "./models.js";
import { onCommand } from "./onCommand.js";
import { OtherFiles } from "./otherFiles.js";
import { RacePanel } from "./racePanel.js";
import { LatestRefusals } from "../suggest/latestRefusals.js";
import { Refusals } from "./refusals.js";
import { Settings } from "./settings.js";
import { Snooze } from "./snooze.js";
import { SpeedRecord } from "../measure/speedRecord.js";
import { Statistics } from "./statistics.js";
import { statusFacts } from "./statusFacts.js";
import { StatusItem } from "./statusItem.js";
import { Suggestions } from "./suggestions.js";
import { registerToggles } from "./toggles.js";
import { registerRefusalList } from "./refusalList.js";

/** The extension: its parts, and what each tells the others. Disposing of it disposes of them all. */
export function createLacuna(context: vscode.ExtensionContext): vscode.Disposable {
  const log = vscode.window.createOutputChannel("Lacuna", { log: true });
  const settings = new Settings();
  const noted = new LatestRefusals();
  const speeds = new SpeedRecord();
  const serverSpeeds = new SpeedRecord();
  const engine: ConfiguredEngine = new ConfiguredEngine({
    context,
    settings,
    log,
    related: (uri) => otherFiles.of(uri),
    onState: () => status.changed(),
  });
  // It looks at the editor in front at once, and asks the engine.
  const otherFiles: OtherFiles = new OtherFiles(
    () => settings.get("context.otherFiles"),
    () => engine.verifier?.usesDefinitions !== false,
  );
  const snooze = new Snooze({
    onChange: (isSnoozed) => {
      if (isSnoozed) for (const life of [engine.life, engine.fills.life]) void life.unload();
      status.changed();
    },
  });
  const battery = new BatteryWatch({
    isWanted: () => settings.get("pauseOnBattery") || settings.get("measureBaseline"),
    onChange: () => status.changed(),
  });
  const refusals = new Refusals({ settings, snooze, battery, engine });
  const facts = (): ReturnType<typeof statusFacts> => statusFacts(engine, refusals, engine.server.isUp ? serverSpeeds : speeds);
  const status = new StatusItem(facts);
  const statistics = new Statistics({
    ...{ folder: context.globalStorageUri.fsPath, model: () => engine.modelName, speeds: () => speeds.speeds, log },
  });
  const commands = new CommandLines({ context, settings, log });
  const paces = new ModelPaces(context.globalState, String((context.extension.packageJSON as { version: string }).version));
  const broken = new BrokenDownload({ memory: context.globalState, download: (entry) => models.download(entry) });
  const during: BrokenDownload["during"] = (...args) => broken.during(...args);
  const models: Models = new Models({ engine, commands, during, paces, tokensPerSecond: () => speeds.speeds.deerTokensPerSecond });
  const offer = new ModelOffer({ memory: context.globalState, settings, commands, models, log });
  const suggestions = new Suggestions({
    ...{ extensionId: context.extension.id, settings, engine, battery, refusals, noted, speeds, serverSpeeds, status, log },
    ...{ acceptances: statistics.acceptances, onSuggested: () => offer.suggested() },
  });
  const settingsChanged = (): void => {
    void battery.look();
    status.changed();
  };
  return vscode.Disposable.from(
    new FillMiddle(engine.fillRequests),
    new RacePanel(context.extensionUri, engine.localRequests),
    registerBenchmark({ engine, commands, paces, record: speeds, onPair: () => status.changed() }),
    registerCuda({ commands, platform: `${process.platform}-${process.arch}` }),
    registerToggles(settings),
    registerRefusalList(noted, () => refusals.inFront()),
    registerMenu({ settings, snooze }),
    registerDiagnostics(() => diagnosticsFacts({ extension: context.extension, settings, engine: engine.life, refusals: noted }, facts())),
    onCommand("lacuna.showLog", () => log.show()),
    settings.onDidChange(settingsChanged),
    vscode.window.onDidChangeActiveTextEditor(() => status.changed()),
    suggestions,
    statistics,
    // Before what it remembers is ended.
    broken,
    models,
    offer,
    commands,
    status,
    battery,
    snooze,
    engine,
    otherFiles,
    settings,
    log,
  );
}
