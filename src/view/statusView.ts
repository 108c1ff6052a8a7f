import { counted } from "../base/counted.js";
import type { LoadedModel, ServerState } from "../protocol/messages.js";
import type { EngineState } from "../client/engineLife.js";
import { LEAST_PAIRS, type Speeds } from "../measure/speedRecord.js";
import { times } from "../measure/gain.js";
import { asCode } from "./asCode.js";

/** What the status bar item is made of. */
export interface StatusFacts {
  readonly engine: EngineState;
  /** The team's server, where one is to write; undefined where none is. */
  readonly server?: ServerState | undefined;
  /** Why nothing is suggested in the document in front; undefined when something may be. */
  readonly refusal: string | undefined;
  readonly failure: string | undefined;
  readonly speeds: Speeds;
  readonly device: string | undefined;
  /** Why there, and why nowhere else. */
  readonly deviceReason?: string | undefined;
  /** Where the engine runs, when that is another machine than the window's. */
  readonly place: string | undefined;
  readonly models: readonly Pick<LoadedModel, "name" | "role" | "parameters" | "weights">[];
  /** What fills holes, where that is a model of its own. */
  readonly fills?: string | undefined;
  readonly memoryBytes: number | undefined;
}

export interface StatusView {
  readonly text: string;
  readonly isGrey: boolean;
  readonly isWarning: boolean;
  /** For a screen reader. */
  readonly spoken: string;
  /** Markdown. */
  readonly tooltip: string;
}

/** Of why a model runs where it does, a sentence for each of several devices, or why nothing runs. */
const LONGEST_REASON = 600;
const BARS = "▁▂▃▄▅▆▇█";

/** Counts as a row of bars, the largest full; "" without counts. */
export function histogram(counts: readonly number[]): string {
  const most = Math.max(0, ...counts);
  if (most === 0) return "";
  return counts.map((count) => (count === 0 ? "·" : BARS[Math.min(BARS.length - 1, Math.floor((count / most) * BARS.length))])).join("");
}

/** What the status bar item says. */
export function statusView(facts: StatusFacts): StatusView {
  const { engine, server, refusal, speeds } = facts;
  const tooltip = tooltipOf(facts);
  const view = (text: string, spoken: string, isGrey: boolean, isWarning = false): StatusView => ({ text, spoken, isGrey, isWarning, tooltip });
  if (server?.isUp === true) {
    if (refusal !== undefined) return view("$(circle-slash) Lacuna", `Lacuna: ${refusal}`, true);
    return view("$(cloud) Lacuna", `Lacuna: ${server.host} writes`, false);
  }
  if (engine === "failed") return view("$(warning) Lacuna", "Lacuna: the engine is not running", false, true);
  if (refusal !== undefined) return view("$(circle-slash) Lacuna", `Lacuna: ${refusal}`, true);
  if (server !== undefined) return view("$(debug-disconnect) Lacuna", "Lacuna: this machine writes, because the server is away", true);
  if (engine === "starting") return view("$(loading~spin) Lacuna", "Lacuna: the engine is starting", true);
  if (speeds.speedup === undefined) return view("$(symbol-array) Lacuna", "Lacuna", true);
  const speedup = times(speeds.speedup);
  return view(`$(symbol-array) ${speedup}`, `Lacuna: ${speedup} as fast as without drafts`, false);
}

function tooltipOf(facts: StatusFacts): string {
  const { engine, server, refusal, failure, speeds, device, deviceReason, place, models, fills, memoryBytes } = facts;
  const rows: (readonly [string, string])[] = [...sourceRows(facts)];
  if (speeds.arTokensPerSecond !== undefined && speeds.deerTokensPerSecond !== undefined) {
    rows.push(["With drafts", `${Math.round(speeds.deerTokensPerSecond)} tokens/s while writing`]);
    rows.push(["Without", `${Math.round(speeds.arTokensPerSecond)} tokens/s while writing`]);
  }
  const bars = histogram(speeds.blockCounts);
  if (speeds.tokensPerVerify !== undefined) {
    rows.push(["Tokens per pass", `${speeds.tokensPerVerify.toFixed(1)} &nbsp; \`${bars}\` (1 to ${bars.length})`]);
  }
  if (speeds.firstTextMs !== undefined) {
    const { p50, p90 } = speeds.firstTextMs;
    rows.push(["Time to first text", `p50 ${Math.round(p50)} ms, p90 ${Math.round(p90)} ms (${counted(speeds.completions, "request")})`]);
  }
  for (const { role, name, parameters, weights } of models) {
    rows.push([role === "verifier" ? "Verifier" : "Diffuser", `${asCode(name)}, ${(parameters / 1e6).toFixed(1)} M parameters, ${weights}`]);
  }
  if (fills !== undefined) rows.push(["Fills", asCode(fills)]);
  if (device !== undefined) rows.push(["Device", asCode(place === undefined ? device : `${device}, ${place}`)]);
  if (deviceReason !== undefined) rows.push(["Why there", asCode(deviceReason, LONGEST_REASON)]);
  if (memoryBytes !== undefined) rows.push(["Memory", `${Math.round(memoryBytes / 2 ** 20)} MB`]);
  rows.push(["Engine", ENGINE_WORDS[engine]]);
  return [
    "**Lacuna**",
    ...(failure === undefined || engine !== "failed" ? [] : [asCode(failure, LONGEST_REASON)]),
    ...(refusal === undefined ? [] : [asCode(refusal, LONGEST_REASON)]),
    ...(server?.why === undefined ? [] : [asCode(server.why)]),
    ["| | |", "|---|---|", ...rows.map(([name, value]) => `| ${name} &nbsp; | ${value} |`)].join("\n"),
    ...(server?.isUp === true ? ["Text around the cursor is sent to that server, and written by its model."] : [SPEEDUP_WORDS]),
  ].join("\n\n");
}

const SPEEDUP_WORDS =
  "The speed-up compares drafted decoding with one-token decoding by the same verifier: now and then, while nothing is typed, a prompt " +
  "is decoded again both ways. Reading the prompt is in neither speed. Drafted text is that of undrafted decoding in the same passes; " +
  "one-token decoding rounds differently and sometimes writes another.";

/** Where texts come from; what drafts gain is of the models here. */
function sourceRows({ server, speeds }: StatusFacts): (readonly [string, string])[] {
  const speedUp = ["Speed-up", speedupText(speeds)] as const;
  if (server === undefined) return [speedUp];
  if (!server.isUp) return [["Source", "this machine, while the server is away"], speedUp];
  return [["Source", `the server ${asCode(server.host)}`], ...(server.model === undefined ? [] : [["Model there", asCode(server.model)] as const])];
}

const ENGINE_WORDS: Readonly<Record<EngineState, string>> = {
  idle: "not loaded; it starts when needed",
  starting: "starting",
  ready: "ready",
  failed: "not running",
};

function speedupText({ speedup, pairs }: Speeds): string {
  if (speedup === undefined) return `not measured yet (${pairs} of ${LEAST_PAIRS} prompts)`;
  return `**${times(speedup)}** (median of ${pairs} prompts)`;
}
