import * as vscode from "vscode";

const UNICODE = /^utf-?(8|16)/i;

/** Whether saving a document would lose a part of this text, because the document's encoding lacks it. */
export async function isUnencodable({ encoding }: vscode.TextDocument, text: string): Promise<boolean> {
  if (UNICODE.test(encoding)) return false;
  const bytes = await vscode.workspace.encode(text, { encoding });
  return (await vscode.workspace.decode(bytes, { encoding })) !== text;
}
