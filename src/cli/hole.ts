import path from "node:path";
import type { HoleParams } from "../protocol/messages.js";
import { documentSlice, type DocumentSlice } from "../protocol/documentSlice.js";
import { readDocument } from "./document.js";
import type { Environment } from "./environment.js";
import { languageOfFile } from "./languageOfFile.js";
import { offsetAt, type Position } from "./position.js";

/** The text about a hole, and what the name of its file says. */
export type Hole = DocumentSlice & Pick<HoleParams, "languageId" | "fileName">;

/**
 * Reads a document and cuts it at a hole.
 *
 * @param to where the text that is replaced ends; left out, the hole is empty
 * @throws LacunaError `unreadableFile`, `notText` or `badPosition`
 */
export async function readHole(environment: Environment, file: string, at: Position, to: Position = at): Promise<Hole> {
  return holeOf(await readDocument(file, environment.stdin), at, to, file);
}

/** Cuts the text of `file` at a hole. @throws LacunaError `badPosition` */
export function holeOf(text: string, at: Position, to: Position, file: string): Hole {
  const languageId = languageOfFile(file);
  return {
    ...documentSlice(text, offsetAt(text, at), offsetAt(text, to)),
    ...(languageId === undefined ? {} : { languageId, fileName: path.basename(file) }),
  };
}
