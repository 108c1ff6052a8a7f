import * as vscode from "vscode";
import type { ModelRow } from "../view/modelRows.js";

/** What was chosen in the list: a row, a row's button, or the line that asks for a file. */
export type ModelPick = { readonly what: "row" | "removal" | "fills"; readonly row: ModelRow } | { readonly what: "file" };

interface ModelItem extends vscode.QuickPickItem {
  readonly row?: ModelRow;
}

const REMOVE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: "Remove" };
const FILL: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("symbol-snippet"),
  tooltip: "Fill in the Middle with it, beside the one in use",
};
const FILL_NO_MORE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("circle-slash"), tooltip: "Fill in the Middle with the one in use" };
const FILE: ModelItem = { label: "$(folder-opened) Choose a File …", description: "a GGUF file", alwaysShow: true };

/** Shows the list of models, at once, and its rows when they are known. @returns undefined when it was left. @throws what `rows` rejects with */
export function pickModel(rows: Promise<readonly ModelRow[]>): Promise<ModelPick | undefined> {
  const list = vscode.window.createQuickPick<ModelItem>();
  list.title = "Lacuna: Models";
  list.placeholder = "Looking for models …";
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.busy = true;
  return new Promise<ModelPick | undefined>((resolve, reject) => {
    list.onDidHide(() => resolve(undefined));
    list.onDidAccept(() => {
      const [item] = list.selectedItems;
      if (item !== undefined) resolve(item.row === undefined ? { what: "file" } : { what: "row", row: item.row });
    });
    list.onDidTriggerItemButton(({ button, item: { row } }) => row !== undefined && resolve({ what: button === REMOVE ? "removal" : "fills", row }));
    rows.then((known) => {
      list.busy = false;
      list.placeholder = "Choose the model that Lacuna writes with";
      list.items = [...known.flatMap((row, index) => itemsOf(row, known[index - 1])), { label: "", kind: vscode.QuickPickItemKind.Separator }, FILE];
    }, reject);
    list.show();
  }).finally(() => list.dispose());
}

/** A row, below its section's name where it is the first one of it. */
function itemsOf(row: ModelRow, before: ModelRow | undefined): ModelItem[] {
  const { label, description, detail, fills, removal, section } = row;
  const buttons = [...(fills === undefined ? [] : [fills.isOn ? FILL_NO_MORE : FILL]), ...(removal === undefined ? [] : [REMOVE])];
  const item = { label, description, detail, row, buttons };
  return before?.section === section ? [item] : [{ label: section, kind: vscode.QuickPickItemKind.Separator }, item];
}
