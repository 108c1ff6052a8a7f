import type { Engine } from "../../../src/cli/environment.js";
import type { RequestOptions } from "../../../src/client/engineClient.js";
import type { CompleteParams, CompleteResult, DoctorResult, InfillParams, InfillResult } from "../../../src/protocol/messages.js";

/** What an engine that follows a script says, and what it was asked. */
export interface Script {
  /** Pieces in which every request is answered. */
  readonly pieces?: readonly string[];
  /** What a decoder writes, where it is not what `pieces` say. Each of its units is a token. */
  readonly textOf?: (decoder: CompleteParams["decoder"]) => string;
  /** Waits for the abort signal before the second piece, and then answers "cancelled". */
  readonly waitsForAbort?: boolean;
  /** Never answers a request. */
  readonly hangs?: boolean;
  readonly failure?: Error;
  readonly loadFailure?: Error;
  /** Why its model runs on the processor. */
  readonly deviceReason?: string;
  /** What trying the backends comes to. */
  readonly backends?: DoctorResult["backends"];
  readonly requests: (Omit<InfillParams, "requestId"> | Omit<CompleteParams, "requestId">)[];
  disposals: number;
}

/** An engine without models. */
export function scriptedEngine(script: Script): Engine {
  const answer = async (params: Script["requests"][number], options?: RequestOptions) => {
    script.requests.push(params);
    if (script.failure !== undefined) throw script.failure;
    if (script.hangs === true) await new Promise(() => {});
    let text = "";
    const own = "decoder" in params ? script.textOf?.(params.decoder) : undefined;
    for (const piece of own === undefined ? (script.pieces ?? []) : [own]) {
      if (script.waitsForAbort === true && text !== "") {
        await new Promise((resolve) => options?.signal?.addEventListener("abort", resolve));
        return { text, outcome: "cancelled" as const };
      }
      text += piece;
      options?.onText?.(piece, []);
    }
    return { text, outcome: "done" as const };
  };
  return {
    identity: { build: "source", engineVersion: "0.1.0", runtimeVersion: "1.0.0", pid: 1 },
    load: async () => {
      if (script.loadFailure !== undefined) throw script.loadFailure;
      const model = {
        name: "scripted",
        role: "verifier",
        weights: "int8",
        parameters: 1,
        contextTokens: 4096,
        device: "cpu",
        deviceReason: script.deviceReason ?? "asked for",
      } as const;
      return { models: [model], can: { infill: ["auto"], diffusionDrafts: false }, threads: 1, selfTests: [], loadMs: 1, residentBytes: 1 };
    },
    readAhead: async () => ({ outcome: "done" as const, passes: { verifier: 1, diffuser: 0 }, ms: 1 }),
    infill: async (params, options): Promise<InfillResult> => {
      const { text, outcome } = await answer(params, options);
      const length = { initial: 2, final: 3, candidates: [{ length: 2, score: -1 }] };
      return {
        outcome,
        middle: text,
        tokens: 3,
        passes: { verifier: 1, diffuser: 3 },
        ms: 5,
        length,
        alternatives: [],
        method: "auto",
        model: "scripted",
        device: "cpu",
      };
    },
    complete: async (params, options) => {
      const { text, outcome } = await answer(params, options);
      const ids = script.textOf === undefined ? {} : { tokens: text.length, tokenIds: Array.from(text, (unit) => unit.charCodeAt(0)) };
      return completion({ text, outcome, ...ids, decoder: params.decoder });
    },
    calibrate: async () => ({ selfTests: [] }),
    doctor: async () => ({ selfTests: [], backends: script.backends ?? [{ name: "cpu", ok: true, detail: "ran" }] }),
    passTimes: async ({ tokens }) => ({ times: tokens.map((count) => ({ tokens: count, verifyMs: [1 + count, 1 + count], draftMs: [1, 2] })) }),
    usage: async () => ({ cpuMs: 10 * script.requests.length, residentBytes: 1e8 }),
    dispose: async () => {
      script.disposals += 1;
    },
  };
}

/** A completion of 6 tokens in 2 verifies at 100 tokens per second, changed by `fields`. */
export function completion(fields: Partial<CompleteResult>): CompleteResult {
  return {
    outcome: "done",
    text: "text",
    likelihoods: [],
    tokens: 6,
    tokenIds: [1, 2, 3, 4, 5, 6],
    verifies: 2,
    drafted: 8,
    accepted: 4,
    blocks: [4, 2],
    drafts: [7, 1],
    passes: { verifier: 4, diffuser: 1 },
    ms: 70,
    stages: { draftMs: 20, verifyMs: 30, otherMs: 10 },
    promptMs: 10,
    tokensPerSecond: 100,
    decoder: "deer",
    model: "scripted",
    device: "cpu",
    ...fields,
  };
}
