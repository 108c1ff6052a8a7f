import { createHash } from "node:crypto";

/** A hash of texts in their order: two runs that wrote the same have the same. */
export function textsDigest(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex");
}
