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
  const { document } = editor;
  const [before, at] = [document.getText(), document.offsetAt(editor.selection.active)];
  const tryIt = async (): Promise<string> => {
    // The command does nothing while nothing is on screen.
    await run("lacuna.trigger");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await run(command);
    return document.getText();
  };
  const after = await waitFor("the document", tryIt, (text) => text !== before, LIMIT_MS);
  return after.slice(at, after.length - (before.length - at));
}
