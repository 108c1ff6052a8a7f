import * as vscode from "vscode";
import { waitFor } from "../editor/waitFor.js";

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
/** The models may have to be loaded first, on a machine that has much else to do. */
const LIMIT_MS = 200_000;

/** Types key by key. */
export async function typeKeys(text: string, pauseMs = 0): Promise<void> {
  for (const character of text) {
    await run("type", { text: character });
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Accepts what is suggested at the cursor as soon as there is something. @returns the accepted text */
export async function acceptedSuggestion(editor: vscode.TextEditor, command = "editor.action.inlineSuggest.commit"): Promise<string> {
  return waitFor(
    "the accepted text",
    () => tryToAccept(editor, command),
    (text) => text !== "",
    LIMIT_MS,
  );
}

/** The same where nothing need be suggested. The models are loaded. @returns the accepted text, or "" when there was none in so many tries */
export async function suggestionInTries(editor: vscode.TextEditor, tries: number): Promise<string> {
  for (let count = 0; count < tries; count += 1) {
    const text = await tryToAccept(editor, "editor.action.inlineSuggest.commit");
    if (text !== "") return text;
  }
  return "";
}

async function tryToAccept({ document, selection }: vscode.TextEditor, command: string): Promise<string> {
  const [before, at] = [document.getText(), document.offsetAt(selection.active)];
  // The command does nothing while nothing is on screen.
  await run("lacuna.trigger");
  await new Promise((resolve) => setTimeout(resolve, 300));
  await run(command);
  const after = document.getText();
  return after.slice(at, after.length - (before.length - at));
}
