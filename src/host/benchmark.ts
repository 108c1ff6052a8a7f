import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import { benchmarkOffsets, benchmarkSummary } from "../view/benchmarkPlan.js";
import type { EditorRequests } from "../client/editorRequests.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import { onCommand } from "./onCommand.js";
import { placeOf } from "./placeOf.js";
import type { SpeedPair, SpeedRecord } from "../measure/speedRecord.js";
import type { Place } from "../protocol/place.js";

const PROMPTS = 8;
const TOKENS = 48;

/** `lacuna.benchmark`: decodes places of the file in front with drafts and without. @param onPair called when a pair was added to the record */
export function registerBenchmark(requests: EditorRequests, record: SpeedRecord, onPair: () => void): vscode.Disposable {
  return onCommand("lacuna.benchmark", async () => {
    const document = vscode.window.activeTextEditor?.document;
    const offsets = document === undefined || documentRefusalOf(document) !== undefined ? [] : benchmarkOffsets(document.getText(), PROMPTS);
    if (document === undefined || offsets.length === 0) {
      void vscode.window.showInformationMessage("Open a file of code, some screens long: the benchmark completes places in it, and changes nothing.");
      return;
    }
    const places = offsets.map((offset) => placeOf(document, offset));
    try {
      const progress = { location: vscode.ProgressLocation.Notification, title: "Lacuna: measuring this machine", cancellable: true };
      const pairs = await vscode.window.withProgress(progress, (report, token) => measure(places, requests, record, onPair, report, token));
      if (pairs.length > 0) void vscode.window.showInformationMessage(benchmarkSummary(pairs));
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      void vscode.window.showErrorMessage(`${error.message} ${error.remedy}`);
    }
  });
}

async function measure(
  places: readonly Place[],
  requests: EditorRequests,
  record: SpeedRecord,
  onPair: () => void,
  progress: vscode.Progress<{ readonly message?: string; readonly increment?: number }>,
  token: vscode.CancellationToken,
): Promise<readonly SpeedPair[]> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const pairs: SpeedPair[] = [];
  for (const [index, place] of places.entries()) {
    progress.report({ message: `prompt ${index + 1} of ${places.length}`, increment: 100 / places.length });
    const deer = await requests.decode(place, "deer", TOKENS, abort.signal);
    const ar = await requests.decode(place, "ar", TOKENS, abort.signal);
    if (abort.signal.aborted) return [];
    // A place where the model has nothing to say measures nothing.
    if (deer.tokens < 2 || ar.tokens < 2) continue;
    const pair = { ar: ar.tokensPerSecond, deer: deer.tokensPerSecond };
    pairs.push(pair);
    record.addPair(pair, deer.blocks);
    onPair();
  }
  return pairs;
}
