import { LacunaError } from "../protocol/errors.js";
import type { ServedFormatName } from "../protocol/messages.js";
import { examineServer, type ServerExamination } from "../server/serverExamination.js";
import { serverAddress } from "../server/serverAddress.js";
import { Interrupted } from "./interrupted.js";
import { withCommandName } from "./commandName.js";
import { readDocument } from "./document.js";
import type { Invocation } from "./invocation.js";

/** Options of `lacuna doctor` that are about a server. */
export interface ServerOptions {
  readonly server: string;
  readonly serverModel?: string;
  readonly serverFormat: ServedFormatName;
  /** File that holds the key. */
  readonly serverKey?: string;
}

/** What `lacuna doctor --server URL --json` prints. */
export interface ServerReport {
  readonly ok: boolean;
  /** What keeps it from being used, each with its remedy. */
  readonly problems: readonly string[];
  /** What could be better, each with its remedy. */
  readonly advice: readonly string[];
  readonly server: ServerExamination | null;
}

/** `lacuna doctor --server URL`: finds out what a team's server can do, by asking it. */
export async function doctorServer(invocation: Invocation, options: ServerOptions): Promise<number> {
  const { environment, output } = invocation;
  const { serverKey } = options;
  const key = serverKey === undefined ? undefined : (await readDocument(serverKey, environment.stdin)).trim();
  if (key === "") throw new LacunaError("serverRefused", `${serverKey} holds no key.`, "Put it there, or leave --server-key out.");
  const abort = new AbortController();
  const stopListening = environment.onInterrupt(() => abort.abort());
  const problems: string[] = [];
  let found: ServerExamination | undefined;
  try {
    const { server: url, serverModel: model = "", serverFormat: format } = options;
    found = await examineServer({ url, model, format, key }, abort.signal, (step) => output.note(`${step} ...`));
  } catch (error) {
    if (abort.signal.aborted) throw new Interrupted();
    if (!(error instanceof LacunaError)) throw error;
    problems.push(asOptions(`${error.message} ${withCommandName(error.remedy, environment.command)}`));
  } finally {
    stopListening();
  }
  if (found !== undefined && found.middle.trim() === "") {
    const remedy = "Name the model's format with --server-format (in the editor lacuna.server.format), or serve a model that was trained to fill in.";
    problems.push(`It writes nothing into a hole. ${remedy}`);
  }
  const report: ServerReport = {
    ok: problems.length === 0,
    problems,
    advice: found === undefined ? [] : adviceOn(found, options.server),
    server: found ?? null,
  };
  show(report, invocation);
  output.document(report);
  return report.ok ? 0 : 1;
}

/** What the editor's settings are called here. */
function asOptions(text: string): string {
  const options: Readonly<Record<string, string>> = { url: "--server", model: "--server-model", format: "--server-format" };
  return text
    .replace(/ or run `[^`]*doctor --server URL`, which lists them\./, " or name one that it serves.")
    .replace(/; `[^`]*doctor --server URL` says what the server can do\./, ".")
    .replace(/Run `[^`]*doctor --server URL`: it says what the server can do\./, "Its own log says why.")
    .replace("It is asked again after a while.", "Ask again after a while.")
    .replace(/lacuna\.server\.(url|model|format)/g, (_, name: string) => options[name])
    .replace(/Set the key with the command Lacuna: Set Server Key; for `[^`]*`, name/, "Name")
    .replace("set the key with the command Lacuna: Set Server Key", "name a file that holds the key with --server-key")
    .replace("Set it again, with the command Lacuna: Set Server Key.", "Put the right one into the file of --server-key.");
}

function adviceOn({ model, prefixCaching, firstTextMs }: ServerExamination, url: string): string[] {
  const { base } = serverAddress(url, undefined);
  const caching =
    model.kind === "llama.cpp"
      ? "start llama-server with enough slots (--parallel), one for each who types"
      : "start vLLM with --enable-prefix-caching";
  return [
    ...(prefixCaching.isWorking ? [] : [`What it has read is read again at each key: ${caching}.`]),
    ...(firstTextMs > 300 ? ["The first text comes late for somebody who types: use a smaller model, a nearer server, or fewer people on it."] : []),
    ...(base.protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(base.hostname)
      ? ["Code goes there unencrypted: put it behind https, or reach it through a tunnel."]
      : []),
  ];
}

function show({ ok, problems, advice, server }: ServerReport, { output }: Invocation): void {
  const { green, red, yellow, bold } = output.colors;
  const row = (kind: string, text: string): void => output.line(`${bold(kind.padEnd(10))} ${text}`);
  if (server !== null) {
    const { model, prefixCaching, tokensPerSecond } = server;
    const ms = (value: number): string => `${Math.round(value)} ms`;
    const context = model.contextTokens === undefined ? "" : `, ${model.contextTokens} tokens at a time`;
    row("server", `${green("ok ")} ${model.kind}, reached in ${ms(server.connectMs)}`);
    row(
      "model",
      `${model.name}${context}${model.names.length > 1 ? `; also there: ${model.names.filter((name) => name !== model.name).join(", ")}` : ""}`,
    );
    row("holes", `read as ${model.format?.name}; wrote ${JSON.stringify(server.middle)}`);
    row("first text", `${ms(server.firstTextMs)} (${server.firstTexts.map(Math.round).join(", ")})`);
    row("speed", tokensPerSecond === undefined ? "not known: its texts were too short" : `${Math.round(tokensPerSecond)} tokens/s while writing`);
    const size = prefixCaching.promptTokens === undefined ? "a long prompt" : `${prefixCaching.promptTokens} tokens`;
    const mark = prefixCaching.isWorking ? green("ok ") : yellow("no ");
    row("caching", `${mark} ${size}: ${ms(prefixCaching.newMs)} when new, ${ms(prefixCaching.againMs)} again`);
  }
  for (const each of advice) row("advice", yellow(each));
  for (const problem of problems) row("problem", red(problem));
  output.line(ok ? green("The server can be used: set lacuna.server.url in the editor.") : red("The server cannot be used."));
}
