import { documentSlice, type DocumentSlice } from "../protocol/documentSlice.js";
import { readDocument } from "./document.js";
import type { Environment } from "./environment.js";
import { offsetAt, type Position } from "./position.js";

/**
 * Reads a document and cuts it at a hole.
 *
 * @param to where the text that is replaced ends; left out, the hole is empty
 * @throws LacunaError `unreadableFile`, `notText` or `badPosition`
 */
export async function readHole(environment: Environment, file: string, at: Position, to: Position = at): Promise<DocumentSlice> {
  const text = await readDocument(file, environment.stdin);
  return documentSlice(text, offsetAt(text, at), offsetAt(text, to));
}
