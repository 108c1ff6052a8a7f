import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import { benchmarkOffsets, benchmarkSummary } from "../view/benchmarkPlan.js";
import type { EditorRequests } from "../client/editorRequests.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import { onCommand } from "./onCommand.js";
import { placeOf } from "./placeOf.js";
import { DRAFTED, ONE_TOKEN, runRace } from "../measure/race.js";
import { raceReport, type RaceReport } from "../measure/raceReport.js";
import type { SpeedRecord } from "../measure/speedRecord.js";
import type { Place } from "../protocol/place.js";

const PROMPTS = 8;
const TOKENS = 48;

/** `lacuna.benchmark`: decodes places of the file in front with drafts and without. @param onPair called when a pair was added to the record */
export function registerBenchmark(requests: EditorRequests, record: SpeedRecord, onPair: () => void): vscode.Disposable {
  return onCommand("lacuna.benchmark", async () => {
    const document = vscode.window.activeTextEditor?.document;
    const offsets = document === undefined || documentRefusalOf(document) !== undefined ? [] : benchmarkOffsets(document.getText(), PROMPTS);
    if (document === undefined || offsets.length === 0) {
      void vscode.window.showInformationMessage("Open a code file of a few screens: the benchmark completes places in it and changes nothing.");
      return;
    }
    const places = offsets.map((offset) => placeOf(document, offset));
    try {
      const progress = { location: vscode.ProgressLocation.Notification, title: "Lacuna: measuring this machine", cancellable: true };
      const races = await vscode.window.withProgress(progress, (report, token) => measure(places, requests, record, onPair, report, token));
      if (races !== undefined) void vscode.window.showInformationMessage(benchmarkSummary(races));
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      void vscode.window.showErrorMessage(`${error.message} ${error.remedy}`);
    }
  });
}

/** @returns a race of one round for each place where enough was written; undefined when it was cancelled */
async function measure(
  places: readonly Place[],
  requests: EditorRequests,
  record: SpeedRecord,
  onPair: () => void,
  progress: vscode.Progress<{ readonly message?: string; readonly increment?: number }>,
  token: vscode.CancellationToken,
): Promise<readonly RaceReport[] | undefined> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const reports: RaceReport[] = [];
  for (const [index, place] of places.entries()) {
    progress.report({ message: `place ${index + 1} of ${places.length}`, increment: 100 / places.length });
    // Each goes first as often as the other.
    const racers = index % 2 === 0 ? [DRAFTED, ONE_TOKEN] : [ONE_TOKEN, DRAFTED];
    const options = { racers, rounds: 1, isShown: false, isCompared: true, isStopped: () => abort.signal.aborted };
    const runs = await runRace(({ decoder }) => requests.decode(place, decoder, TOKENS, abort.signal), options);
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
