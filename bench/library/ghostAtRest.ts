import type { EditorPage } from "../../test/vscode/editor/editorPage.js";
import { waitFor } from "../../test/vscode/editor/waitFor.js";

/** Waits until there is ghost text that has not changed for more than `restMs`. @throws Error after `limitMs` */
export async function ghostAtRest(editor: EditorPage, restMs: number, limitMs: number): Promise<void> {
  let [last, sinceMs] = ["", performance.now()];
  const read = async (): Promise<number> => {
    const now = await editor.ghostText();
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    return last.trim() === "" ? 0 : performance.now() - sinceMs;
  };
  await waitFor("the time without a change of the ghost text", read, (ms) => ms > restMs, limitMs);
}
