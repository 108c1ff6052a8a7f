import type { NotedRefusal } from "../suggest/latestRefusals.js";
import { asCode } from "./asCode.js";
import type { StatusFacts } from "./statusView.js";

const LONGEST_REASON = 2000;

/** What a report of a problem should say, without anything that was written. */
export interface DiagnosticsFacts {
  readonly version: string;
  readonly editor: string;
  readonly platform: string;
  readonly status: StatusFacts;
  readonly engine: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly refusals: readonly NotedRefusal[];
  /** Text around the cursor, if the person ticked it. */
  readonly source: string | undefined;
}

/** The diagnostics as Markdown. Files are named by their ending alone. */
export function diagnosticsReport({ version, editor, platform, status, engine, settings, refusals, source }: DiagnosticsFacts): string {
  const { speeds } = status;
  const lines = [
    `Lacuna ${version} in ${editor} on ${platform}`,
    `Engine: ${status.engine}${engine === undefined ? "" : `, ${engine}`}${status.device === undefined ? "" : `, ${asCode(status.device)}`}`,
    ...(status.deviceReason === undefined ? [] : [`Device: ${asCode(status.deviceReason, LONGEST_REASON)}`]),
    ...(status.failure === undefined ? [] : [`Last failure: ${asCode(status.failure, LONGEST_REASON)}`]),
    ...status.models.map(({ role, name, parameters, weights }) => `${role}: ${asCode(name)}, ${parameters} parameters, ${weights}`),
    `Memory: ${status.memoryBytes ?? "unknown"} bytes`,
    `Speed: ${JSON.stringify(speeds)}`,
    `Settings changed from their defaults: ${JSON.stringify(settings)}`,
    "Nothing was shown because:",
    ...(refusals.length === 0 ? ["(nothing yet)"] : refusals.map(refusalLine)),
    ...(source === undefined ? [] : ["Text around the cursor:", "```", source, "```"]),
  ];
  return `${lines.join("\n")}\n`;
}

function refusalLine({ atMs, file, text }: NotedRefusal): string {
  return `${new Date(atMs).toISOString()} ${endingOf(file)} ${asCode(text, LONGEST_REASON)}`;
}

function endingOf(file: string): string {
  return /\.[\w-]+$/.exec(file)?.[0] ?? "(no ending)";
}
