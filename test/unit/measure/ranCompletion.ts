import type { CompleteResult } from "../../../src/protocol/messages.js";

/** A run of 12 tokens in 4 passes at 100 tokens per second that wrote `text`, a token for each unit; changed by `fields`. */
export function ranCompletion(fields: Partial<CompleteResult> = {}): CompleteResult {
  const { text = "abcdefghijkl" } = fields;
  return {
    outcome: "done",
    text,
    likelihoods: [],
    tokens: text.length,
    tokenIds: Array.from(text, (unit) => unit.charCodeAt(0)),
    verifies: 4,
    drafted: 20,
    accepted: 8,
    blocks: [3, 3, 3, 3],
    drafts: [5, 5, 5, 5],
    passes: { verifier: 5, diffuser: 3 },
    stages: { draftMs: 0, verifyMs: 1, otherMs: 0 },
    ms: 1,
    promptMs: 0,
    tokensPerSecond: 100,
    decoder: "deer",
    model: "m",
    device: "cpu",
    ...fields,
  };
}
