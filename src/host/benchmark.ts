import os from "node:os";
import * as vscode from "vscode";
import { memoryToSpare } from "../machine/memoryToSpare.js";
import { isSameFolder } from "../models/sameFolder.js";
import { benchmarkOffsets, benchmarkSummary } from "../view/benchmarkPlan.js";
import { asLabel } from "../view/asLabel.js";
import { modelAdvice, type ModelAdvice, type PacedModel } from "../view/modelAdvice.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import type { CommandLines } from "./commandLines.js";
import type { ConfiguredEngine } from "./configuredEngine.js";
import type { ModelPaces } from "./modelPaces.js";
import { onCommand } from "./onCommand.js";
import { sayFailure } from "./sayFailure.js";
import { placeOf } from "./placeOf.js";
import { modelPace } from "../measure/modelPace.js";
import { DRAFTED, ONE_TOKEN, runRace } from "../measure/race.js";
import { raceReport, type RaceReport } from "../measure/raceReport.js";
import type { SpeedRecord } from "../measure/speedRecord.js";
import type { Writer } from "../client/engineLife.js";
import type { Place } from "../protocol/place.js";

const PROMPTS = 8;
const TOKENS = 48;
const PACE_PLACES = 4;
const PACE_TOKENS = 8;

export interface BenchmarkOptions {
  readonly engine: Pick<ConfiguredEngine, "localRequests" | "useFolder" | "modelsFolder" | "fillFolder" | "useModels" | "fillWith">;
  readonly commands: Pick<CommandLines, "bundledFolder" | "report">;
  readonly paces: ModelPaces;
  readonly record: SpeedRecord;
  /** Called when a pair was added to the record. */
  readonly onPair: () => void;
}

interface Measured {
  readonly paced: readonly PacedModel[];
  /** Models for which there was too little memory. */
  readonly leftOut: readonly string[];
  readonly races: readonly RaceReport[];
}

type Report = vscode.Progress<{ readonly message?: string; readonly increment?: number }>;

/** `lacuna.benchmark`: how soon text of each installed model comes, which to use, and what drafts gain; on places of the file in front. */
export function registerBenchmark(options: BenchmarkOptions): vscode.Disposable {
  return onCommand("lacuna.benchmark", async () => {
    const document = vscode.window.activeTextEditor?.document;
    const offsets = document === undefined || documentRefusalOf(document) !== undefined ? [] : benchmarkOffsets(document.getText(), PROMPTS);
    if (document === undefined || offsets.length === 0) {
      void vscode.window.showInformationMessage("Open a code file of a few screens: the benchmark completes places in it and changes nothing.");
      return;
    }
    try {
      const progress = { location: vscode.ProgressLocation.Notification, title: "Lacuna: measuring this machine", cancellable: true };
      const measured = await vscode.window.withProgress(progress, (report, token) => measure(document, offsets, options, report, token));
      if (measured !== undefined) await tell(measured, options);
    } catch (error) {
      sayFailure(error);
    }
  });
}

/** @returns undefined when it was cancelled */
async function measure(
  document: vscode.TextDocument,
  offsets: readonly number[],
  options: BenchmarkOptions,
  report: Report,
  token: vscode.CancellationToken,
): Promise<Measured | undefined> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const places = offsets.map((offset) => placeOf(document, offset));
  const models = await measureModels(document.getText(), options, report, abort.signal);
  const races = abort.signal.aborted ? undefined : await measureDrafts(places, options, report, abort.signal);
  return races && { ...models, races };
}

/** How soon text of each installed model comes, one after the other. */
async function measureModels(
  text: string,
  { engine, commands, paces }: BenchmarkOptions,
  progress: Report,
  signal: AbortSignal,
): Promise<Omit<Measured, "races">> {
  const installed = (await commands.report()).installed.filter(({ problem }) => problem === "");
  const offsets = benchmarkOffsets(text, PACE_PLACES);
  const [paced, leftOut]: [PacedModel[], string[]] = [[], []];
  for (const [index, { name, folder, models, expected }] of installed.entries()) {
    const verifier = models.find(({ role }) => role === "verifier");
    if (verifier === undefined || signal.aborted) continue;
    const isBundled = isSameFolder(folder, commands.bundledFolder);
    const shown = isBundled ? verifier.name : name;
    progress.report({ message: `${shown}, model ${index + 1} of ${installed.length}`, increment: 50 / installed.length });
    const memoryBytes = expected?.memoryBytes;
    if (!isSameFolder(folder, engine.modelsFolder) && (memoryBytes ?? 0) > memoryToSpare()) {
      leftOut.push(shown);
      continue;
    }
    const pace = await engine.useFolder(folder, (writer) => modelPace(firstTextOf(writer, signal), text, offsets, () => signal.aborted));
    if (pace === undefined) continue;
    await paces.put(folder, pace);
    paced.push({ name: shown, folder: isBundled ? "" : folder, parameters: verifier.parameters, pace, memoryBytes });
  }
  return { paced, leftOut };
}

/** Times the first text, and ends the request with it. */
function firstTextOf(writer: Writer, signal: AbortSignal): (prefix: string, suffix: string) => Promise<number> {
  return async (prefix, suffix) => {
    const enough = new AbortController();
    const start = performance.now();
    let ms: number | undefined;
    const onText = (): void => {
      ms ??= performance.now() - start;
      enough.abort();
    };
    const rule = { temperature: 0, topP: 1, seed: 0, block: "auto", decoder: "deer", maxTokens: PACE_TOKENS, maxLines: 1 } as const;
    await writer.complete({ prefix, suffix, ...rule }, { signal: AbortSignal.any([signal, enough.signal]), onText });
    return ms ?? performance.now() - start;
  };
}

/** @returns a race of one round for each place where enough was written; undefined when it was cancelled */
async function measureDrafts(
  places: readonly Place[],
  { engine, record, onPair }: BenchmarkOptions,
  progress: Report,
  signal: AbortSignal,
): Promise<readonly RaceReport[] | undefined> {
  const reports: RaceReport[] = [];
  for (const [index, place] of places.entries()) {
    progress.report({ message: `drafts, place ${index + 1} of ${places.length}`, increment: 50 / places.length });
    // Each goes first as often as the other.
    const racers = index % 2 === 0 ? [DRAFTED, ONE_TOKEN] : [ONE_TOKEN, DRAFTED];
    const options = { racers, rounds: 1, isShown: false, isCompared: true, isStopped: () => signal.aborted };
    const runs = await runRace(({ decoder }) => engine.localRequests.decode(place, decoder, TOKENS, signal), options);
    if (runs === undefined) return undefined;
    const report = raceReport(runs);
    if (report.speedup === null) continue;
    const { ar, deer } = report;
    reports.push(report);
    record.addPair({ plain: [ar.tokensPerSecond], drafted: [deer.tokensPerSecond] }, deer.blocks);
    onPair();
  }
  return reports;
}

/** Says what was measured, and offers what follows from it. */
async function tell({ paced, leftOut, races }: Measured, { engine, commands }: BenchmarkOptions): Promise<void> {
  const advice = paced.length === 0 ? undefined : modelAdvice(paced, os.freemem());
  const notMeasured = leftOut.length === 0 ? [] : [`Not measured, for lack of memory: ${leftOut.join(", ")}.`];
  const text = [...(advice === undefined ? [] : [advice.text]), ...notMeasured, benchmarkSummary(races)].join(" ");
  const inUse = isSameFolder(engine.modelsFolder, commands.bundledFolder) ? "" : engine.modelsFolder;
  const offers = advice === undefined || !vscode.workspace.isTrusted ? [] : offersOf(advice, inUse, engine);
  const choice = await vscode.window.showInformationMessage(asLabel(text), ...offers.map(({ label }) => label));
  await offers.find(({ label }) => label === choice)?.run();
}

function offersOf({ typing, fills }: ModelAdvice, inUse: string, engine: BenchmarkOptions["engine"]): { label: string; run: () => Promise<void> }[] {
  const offers: { label: string; run: () => Promise<void> }[] = [];
  if (fills !== undefined && (fills.folder !== engine.fillFolder || typing.folder !== inUse)) {
    const run = async (): Promise<void> => {
      await engine.fillWith(fills.folder);
      if (typing.folder !== inUse) await engine.useModels(typing.folder);
    };
    offers.push({ label: "Use Both", run });
  }
  if (fills === undefined && typing.folder !== inUse) offers.push({ label: `Use ${typing.name}`, run: () => engine.useModels(typing.folder) });
  return offers;
}
