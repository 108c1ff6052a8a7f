import { distance } from "fastest-levenshtein";
import type { EngineClient } from "../../src/client/engineClient.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { CommandSandbox } from "./commandSandbox.js";
import type { BenchMethod } from "./infillingMethod.js";
import { nothingIn, withMiddle, type RepositoryHole } from "./repositoryHoles.js";
import type { SandboxLimits, SandboxOutcome } from "./sandbox.js";

/** Whether the tests notice that a hole is there: only then do they say anything about what fills it. */
export interface HoleCheck {
  readonly type: "check";
  readonly key: string;
  readonly isNoticed: boolean;
}

/** How one method filled one hole. */
export interface HoleFill {
  readonly type: "fill";
  readonly key: string;
  readonly file: string;
  readonly kind: RepositoryHole["kind"];
  readonly method: string;
  readonly outcome: SandboxOutcome;
  readonly isExact: boolean;
  readonly editSimilarity: number;
  readonly tokens: number;
  readonly trueTokens: number;
  readonly passes: number;
  readonly ms: number;
  readonly middle: string;
}

/** More than the memory, the files and the output of any test run that is meant here. */
const LIMITS = { memoryBytes: 3 * 2 ** 30, fileBytes: 64 * 2 ** 20, outputBytes: 16 * 2 ** 20 };
const LEAST_TIMEOUT_MS = 10_000;
const FIRST_TIMEOUT_MS = 600_000;
const TIMES_AS_LONG = 5;

/**
 * Runs the tests of the untouched repository. They must pass, and under guard.
 *
 * @returns limits for runs with a hole filled: five times as long
 * @throws LacunaError `benchUnusable`
 */
export async function limitsFromTests(sandbox: CommandSandbox, signal: AbortSignal): Promise<SandboxLimits> {
  const { outcome, isGuarded, ms, output } = await sandbox.run({}, { ...LIMITS, timeoutMs: FIRST_TIMEOUT_MS }, signal);
  if (signal.aborted) return { ...LIMITS, timeoutMs: LEAST_TIMEOUT_MS };
  if (outcome !== "passed") {
    const sentence = `The tests do not pass as they are (${outcome}): ${output.trim().split("\n").slice(-5).join("\n")}`;
    const remedy = "They must pass in a copy, without network and without starting processes. Leave the others out in the command.";
    throw new LacunaError("benchUnusable", sentence, remedy);
  }
  if (!isGuarded) {
    const remedy = "The command must run Python (not with -I or -S) or Node, so that hostile text can be kept in.";
    throw new LacunaError("benchUnusable", "The tests ran in no interpreter that is guarded.", remedy);
  }
  return { ...LIMITS, timeoutMs: Math.max(LEAST_TIMEOUT_MS, Math.ceil((TIMES_AS_LONG * ms) / 1000) * 1000) };
}

/** Runs the tests with nothing in the hole. */
export async function checkHole(sandbox: CommandSandbox, hole: RepositoryHole, limits: SandboxLimits, signal: AbortSignal): Promise<HoleCheck> {
  const { outcome } = await sandbox.run({ [hole.file]: withMiddle(hole, nothingIn(hole)) }, limits, signal);
  return { type: "check", key: hole.key, isNoticed: outcome !== "passed" };
}

/** Fills a hole and runs the tests. What was cut out passes; a text that was tried in this hole before fares as it did. */
export async function fillHole(
  engine: Pick<EngineClient, "infill" | "complete">,
  sandbox: CommandSandbox,
  hole: RepositoryHole,
  method: BenchMethod,
  tried: ReadonlyMap<string, SandboxOutcome>,
  limits: SandboxLimits,
  signal: AbortSignal,
): Promise<HoleFill> {
  const { key, file, kind, text, start, end, truth, trueTokens } = hole;
  const { middle, tokens, passes, ms } = await method.answer(engine, { ...documentSlice(text, start, end), trueTokens }, signal);
  const isExact = middle === truth;
  const known = isExact ? "passed" : tried.get(middle);
  const outcome = known ?? (await sandbox.run({ [file]: withMiddle(hole, middle) }, limits, signal)).outcome;
  const editSimilarity = 1 - distance(middle, truth) / Math.max(1, middle.length, truth.length);
  return { type: "fill", key, file, kind, method: method.name, outcome, isExact, editSimilarity, tokens, trueTokens, passes, ms, middle };
}
