import * as vscode from "vscode";
import { diagnosticsReport, type DiagnosticsFacts } from "../view/diagnosticsReport.js";
import { onCommand } from "./onCommand.js";

const LINES_AROUND = 10;

/** `lacuna.copyDiagnostics`: puts a report on the clipboard, without source text unless it is ticked. */
export function registerDiagnostics(facts: () => Omit<DiagnosticsFacts, "source">): vscode.Disposable {
  return onCommand("lacuna.copyDiagnostics", async () => {
    const source = { label: "Text around the cursor", description: `${LINES_AROUND} lines before and after` };
    const options = { title: "Copy diagnostics", placeHolder: "Tick what may be in them besides numbers and settings", canPickMany: true } as const;
    const picked = await vscode.window.showQuickPick([source], options);
    if (picked === undefined) return;
    await vscode.env.clipboard.writeText(diagnosticsReport({ ...facts(), source: picked.includes(source) ? textAroundCursor() : undefined }));
    vscode.window.setStatusBarMessage("Lacuna: diagnostics copied", 3000);
  });
}

function textAroundCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const { line } = editor.selection.active;
  return editor.document.getText(new vscode.Range(Math.max(0, line - LINES_AROUND), 0, line + LINES_AROUND + 1, 0));
}
