import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import type { EditorRequests } from "../client/editorRequests.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import { reachMilestone } from "./milestones.js";
import { onCommand } from "./onCommand.js";
import { placeOf } from "./placeOf.js";
import { DRAFTED, ONE_TOKEN, runRace } from "../measure/race.js";
import { raceReport } from "../measure/raceReport.js";
import { raceWords } from "../measure/raceWords.js";
import { racePage } from "../view/racePage.js";
import { RACE_SAMPLE } from "../measure/raceSample.js";
import type { Place } from "../protocol/place.js";

const OPTIONS = { racers: [ONE_TOKEN, DRAFTED], rounds: 5, isShown: true, isCompared: true };
/** How long what was shown may take to be painted before the timing starts. */
const SETTLE_MS = 400;
const MAX_TOKENS = 64;
const LINES_SHOWN = 8;
/** Less code than this gives the models nothing to go on from. */
const LEAST_UNITS = 40;

/** `lacuna.race`: drafting against plain decoding, live, in a panel. One panel is open at a time. */
export class RacePanel implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #requests: EditorRequests;
  readonly #command: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;
  #abort = new AbortController();
  #place: Place = sample();

  constructor(extensionUri: vscode.Uri, requests: EditorRequests) {
    this.#extensionUri = extensionUri;
    this.#requests = requests;
    this.#command = onCommand("lacuna.race", (course) => this.#show(course === "sample"));
  }

  dispose(): void {
    this.#command.dispose();
    this.#panel?.dispose();
  }

  #show(isOnSample: boolean): void {
    this.#place = (isOnSample ? undefined : placeInFront()) ?? sample();
    if (this.#panel === undefined) {
      this.#panel = this.#open();
    } else {
      this.#panel.reveal();
      void this.#race();
    }
  }

  #open(): vscode.WebviewPanel {
    const folder = vscode.Uri.joinPath(this.#extensionUri, "media", "race");
    const options = { enableScripts: true, localResourceRoots: [folder], retainContextWhenHidden: true };
    const panel = vscode.window.createWebviewPanel("lacuna.race", "Lacuna Race", vscode.ViewColumn.Active, options);
    const { webview } = panel;
    const address = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    const nonce = randomBytes(16).toString("hex");
    webview.onDidReceiveMessage((message) => {
      if (message === "start") void this.#race();
      if (message === "stop") this.#abort.abort();
    });
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#abort.abort();
    });
    webview.html = racePage({ cspSource: webview.cspSource, nonce, script: address("race.js"), style: address("race.css") });
    return panel;
  }

  async #race(): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const tell = (event: object): void => {
      if (this.#abort === abort) void this.#panel?.webview.postMessage(event);
    };
    const place = this.#place;
    tell({ kind: "course", before: lastLines(place.prefix, LINES_SHOWN) });
    try {
      const runs = await runRace(({ decoder }, onText) => this.#requests.decode(place, decoder, MAX_TOKENS, abort.signal, onText), {
        ...OPTIONS,
        isStopped: () => abort.signal.aborted,
        tell,
        settle: () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS)),
      });
      if (runs === undefined) {
        tell({ kind: "failed", message: "Stopped" });
        return;
      }
      void reachMilestone("lacuna.hasRaced");
      const report = raceReport(runs);
      tell({ kind: "end", report, words: raceWords(report) });
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      tell({ kind: "failed", message: `${error.message} ${error.remedy}` });
    }
  }
}

/** The code before the cursor, and nothing after it: what follows would end the text early. */
function placeInFront(): Place | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || documentRefusalOf(editor.document) !== undefined) return undefined;
  const place = placeOf(editor.document, editor.document.offsetAt(editor.selection.active));
  return place.prefix.trim().length < LEAST_UNITS ? undefined : { ...place, suffix: "" };
}

function sample(): Place {
  return { uri: "", prefix: RACE_SAMPLE, suffix: "" };
}

function lastLines(text: string, count: number): string {
  return text.split("\n").slice(-count).join("\n").replace(/^\n+/, "");
}
