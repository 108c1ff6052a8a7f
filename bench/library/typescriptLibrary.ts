import type ts from "typescript";
import { LacunaError } from "../../src/protocol/errors.js";

export type TypescriptLibrary = typeof ts;

/** The parser of JavaScript and TypeScript, a development package. @throws LacunaError `packageMissing` */
export async function loadTypescriptLibrary(): Promise<TypescriptLibrary> {
  try {
    return (await import("typescript")).default;
  } catch (cause) {
    throw new LacunaError("packageMissing", "What reads JavaScript is not installed.", "Run `npm install typescript`.", cause);
  }
}
