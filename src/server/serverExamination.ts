import { randomUUID } from "node:crypto";
import { median } from "../base/median.js";
import { Hitch } from "../network/patience.js";
import type { ConnectParams } from "../protocol/messages.js";
import type { Limits } from "./patience.js";
import type { Ask } from "./requestBody.js";
import type { ServedModel } from "./servedModel.js";
import type { ServedPiece } from "./servedPiece.js";
import { TeamServer } from "./teamServer.js";

/** What was found out about a server by asking it. */
export interface ServerExamination {
  readonly model: ServedModel;
  /** Until it had named its models, on a new connection, in ms. */
  readonly connectMs: number;
  /** Until the first text after a short prompt that it had read before, in ms: the median, and each. */
  readonly firstTextMs: number;
  readonly firstTexts: readonly number[];
  /** Tokens a second after the first text: the median of the runs; undefined where the runs were too short to say. */
  readonly tokensPerSecond: number | undefined;
  readonly prefixCaching: PrefixCaching;
  /** What it writes between the two halves of a short function. */
  readonly middle: string;
}

/** Whether a prompt that was read once is read faster again. */
export interface PrefixCaching {
  readonly isWorking: boolean;
  /** Until the first text after a long prompt that is new, and after the same one again, in ms: medians. */
  readonly newMs: number;
  readonly againMs: number;
  /** Length of the prompt, where the server says it. */
  readonly promptTokens: number | undefined;
}

/** Nobody is typing: a server may take its time to be looked at. */
export const DOCTOR_LIMITS: Limits = { connectMs: 5000, firstMs: 60_000, idleMs: 30_000, wholeMs: 120_000 };

const ROUNDS = 3;
const SHORT_ROUNDS = 5;
const WRITTEN_TOKENS = 64;
/** Caching shows as at least so much less time. */
const FASTER = 0.6;
const LEAST_GAIN_MS = 15;
const FUNCTION = { prefix: "def mean(values):\n    total = sum(values)\n    return", suffix: "\n\n\nprint(mean([1, 2, 3]))\n" };

interface Run {
  readonly firstMs: number;
  readonly writingMs: number;
  readonly tokens: number;
  readonly text: string;
  readonly promptTokens: number | undefined;
  readonly cachedTokens: number | undefined;
}

/**
 * Finds out what a server serves, how fast, and whether it keeps what it has read. Made-up code is sent.
 *
 * @param onStep called with what is done next; @throws LacunaError
 */
export async function examineServer(wanted: ConnectParams, signal: AbortSignal, onStep: (step: string) => void): Promise<ServerExamination> {
  const server = new TeamServer(wanted);
  try {
    onStep("asking what it serves");
    const start = performance.now();
    const model = await server.find(DOCTOR_LIMITS, signal);
    const connectMs = performance.now() - start;
    onStep("filling a hole");
    const runs: Run[] = [];
    // The first run warms it up.
    for (let round = 0; round <= SHORT_ROUNDS; round++) runs.push(await run(server, FUNCTION, { maxTokens: 24, maxLines: 1 }, signal));
    const firstTexts = runs.slice(1).map(({ firstMs }) => firstMs);
    onStep("reading long prompts, each of them twice");
    const [fresh, again]: [Run[], Run[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const place = longPlace();
      fresh.push(await run(server, place, { maxTokens: WRITTEN_TOKENS, minTokens: WRITTEN_TOKENS }, signal));
      again.push(await run(server, place, { maxTokens: WRITTEN_TOKENS, minTokens: WRITTEN_TOKENS }, signal));
    }
    const rates = [...fresh, ...again].filter(({ tokens, writingMs }) => tokens >= 8 && writingMs > 0);
    const [newMs, againMs] = [fresh, again].map((each) => median(each.map(({ firstMs }) => firstMs)));
    const saysCached = again.some(({ cachedTokens = 0 }) => cachedTokens > 0);
    return {
      model,
      connectMs,
      firstTextMs: median(firstTexts),
      firstTexts,
      tokensPerSecond: rates.length === 0 ? undefined : median(rates.map(({ tokens, writingMs }) => ((tokens - 1) * 1000) / writingMs)),
      prefixCaching: {
        isWorking: saysCached || (againMs < FASTER * newMs && newMs - againMs > LEAST_GAIN_MS),
        ...{ newMs, againMs, promptTokens: fresh[0].promptTokens },
      },
      middle: runs[0].text,
    };
  } catch (error) {
    throw error instanceof Hitch ? error.failure : error;
  } finally {
    server.close();
  }
}

async function run(
  server: TeamServer,
  place: { readonly prefix: string; readonly suffix: string },
  length: Pick<Ask, "maxTokens" | "minTokens" | "maxLines">,
  signal: AbortSignal,
): Promise<Run> {
  const start = performance.now();
  let first: number | undefined;
  let tokens = 0;
  let text = "";
  let last: ServedPiece | undefined;
  let [promptTokens, cachedTokens]: (number | undefined)[] = [];
  for await (const piece of server.write(place, { ...length, temperature: 0, topP: 1, seed: 0 }, DOCTOR_LIMITS, signal)) {
    if (piece.text !== "" || piece.tokens.length > 0) first ??= performance.now();
    tokens += piece.tokens.length === 0 && piece.text !== "" ? 1 : piece.tokens.length;
    text += piece.text;
    promptTokens = piece.promptTokens ?? promptTokens;
    cachedTokens = piece.cachedTokens ?? cachedTokens;
    last = piece;
  }
  const end = performance.now();
  return {
    firstMs: (first ?? end) - start,
    writingMs: end - (first ?? end),
    tokens: last === undefined ? 0 : tokens,
    text,
    promptTokens,
    cachedTokens,
  };
}

/** Made-up code that no server has read before, about a thousand tokens long. */
function longPlace(): { prefix: string; suffix: string } {
  const names = Array.from({ length: 60 }, () => `f${randomUUID().slice(0, 8)}`);
  const functions = names.map((name, index) => `def ${name}(value):\n    return value * ${index} + 1\n`);
  return { prefix: `${functions.join("\n")}\n\ndef describe(value):\n    """`, suffix: "\n" };
}
