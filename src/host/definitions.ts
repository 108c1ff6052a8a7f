import * as vscode from "vscode";
import type { RelatedText } from "../protocol/messages.js";
import { definitionNames } from "../related/definitionNames.js";
import { definitionPiece } from "../related/definitionPiece.js";
import type { OtherFile } from "../related/relatedTexts.js";

/** A choice of pieces waits no longer than this for definitions that are not known yet; they serve the next one. */
const DEADLINE_MS = 20;
/** A definition is asked for again after this. */
const KEPT_MS = 60_000;
const MOST_KEPT = 200;

/** Where something is defined. */
interface Target {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
}

interface Known {
  readonly atMs: number;
  piece: RelatedText | undefined;
}

/** The definitions of the names about the cursor, as the editor's own providers know them, kept for a while. */
export class Definitions {
  readonly #textOf: (uri: vscode.Uri) => Promise<OtherFile | undefined>;
  readonly #onLate: () => void;
  readonly #known = new Map<string, Known>();

  /**
   * @param textOf the text of another file; undefined where it must not be read
   * @param onLate called when a definition becomes known behind the deadline
   */
  constructor(textOf: (uri: vscode.Uri) => Promise<OtherFile | undefined>, onLate: () => void) {
    this.#textOf = textOf;
    this.#onLate = onLate;
  }

  /** What is known within the deadline, that of the nearest name first; what stands in the document itself is none of it. */
  async around(document: vscode.TextDocument, offset: number): Promise<RelatedText[]> {
    const uri = document.uri.toString();
    const names = definitionNames({ text: document.getText(), offset });
    const keys = names.map(({ name }) => `${uri}\n${name}`);
    const now = performance.now();
    const asked = names.flatMap(({ at }, index) => {
      const known = this.#known.get(keys[index]);
      return known !== undefined && now - known.atMs < KEPT_MS ? [] : [this.#ask(document, document.positionAt(at), keys[index], now)];
    });
    const piecesNow = (): RelatedText[] => keys.flatMap((key) => this.#known.get(key)?.piece ?? []);
    if (asked.length === 0) return piecesNow();
    const all = Promise.all(asked);
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, DEADLINE_MS))]);
    const pieces = piecesNow();
    void all.then(() => piecesNow().length > pieces.length && this.#onLate());
    return pieces;
  }

  async #ask(document: vscode.TextDocument, position: vscode.Position, key: string, atMs: number): Promise<void> {
    const known: Known = { atMs, piece: this.#known.get(key)?.piece };
    this.#known.delete(key);
    this.#known.set(key, known);
    for (const oldest of this.#known.keys()) if (this.#known.size > MOST_KEPT) this.#known.delete(oldest);
    try {
      const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
        "vscode.executeDefinitionProvider",
        document.uri,
        position,
      );
      const target = found.map(targetOf).find(({ uri }) => uri.toString() !== document.uri.toString());
      known.piece = target === undefined ? undefined : await this.#pieceOf(target);
    } catch {
      // A provider that fails knows nothing.
      known.piece = undefined;
    }
  }

  async #pieceOf({ uri, range }: Target): Promise<RelatedText | undefined> {
    const file = await this.#textOf(uri);
    return file && { path: file.path, text: definitionPiece(file.text, { first: range.start.line, last: range.end.line }) };
  }
}

function targetOf(found: vscode.Location | vscode.LocationLink): Target {
  return "targetUri" in found ? { uri: found.targetUri, range: found.targetRange } : found;
}
