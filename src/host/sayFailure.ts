import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import { asLabel } from "../view/asLabel.js";

/** Says what went wrong in something that a person asked for, and the remedy. @throws what is no failure of Lacuna's */
export function sayFailure(error: unknown): void {
  if (!(error instanceof LacunaError)) throw error;
  void vscode.window.showErrorMessage(asLabel(`${error.message} ${error.remedy}`));
}
