import { createHash } from "node:crypto";
import path from "node:path";
import type { PeersPlan, PeersReport } from "./peersPlan.js";
import { readout } from "./benchInfilling.js";
import { digestOf, readTokenizer } from "./benchRun.js";
import { drawSome } from "../library/drawSome.js";
import { gradeRow, summarize, type RowResult } from "../library/infillingBench.js";
import { MAX_TOKENS } from "../library/infillingMethod.js";
import { readInfillingRows } from "../library/infillingRows.js";
import { ResultStore } from "../library/resultStore.js";
import { Sandbox } from "../library/sandbox.js";
import { textsDigest } from "../library/textsDigest.js";
import { LLAMA_PACKAGE } from "../peers/llamaPackage.js";
import { inOrder, ROW_PROMPT_TOKENS, rowPrompt } from "../peers/rowPrompt.js";
import { withPeers } from "../peers/withPeers.js";
import type { Invocation } from "../../src/cli/invocation.js";
import { withProgress } from "../../src/cli/progress.js";
import { createTokenizer } from "../../src/text/tokenizer.js";

/** Rows answered by each engine from the same tokens, always the likeliest one, and tested. */
export async function peersRows(invocation: Invocation, plan: PeersPlan, data: string): Promise<PeersReport | undefined> {
  const { options, entry, ggufSha256, threads } = plan;
  const { engines, gguf, out, python, seed } = options;
  const all = await readInfillingRows(data);
  const rows = drawSome(all, options.rows, seed);
  const dataSha256 = createHash("sha256").update(JSON.stringify(all)).digest("hex");
  const format = inOrder(entry.prompt, options.order ?? entry.prompt.order);
  const modelsDir = path.resolve(invocation.globals.models);
  const identity = { dataSha256, ggufSha256, threads, package: LLAMA_PACKAGE, order: format.order };
  const store = await ResultStore.open<RowResult>(out, await digestOf(identity, modelsDir, invocation.environment.distDir));
  const tokenizer = createTokenizer(await readTokenizer(modelsDir));
  const sandbox = new Sandbox(python);
  const keyOf = (engine: string, task: string): string => `${engine} ${task}`;
  const done = new Set(store.results.map(({ task, method }) => keyOf(method, task)));
  const setting = { kinds: engines, gguf, threads, contextTokens: ROW_PROMPT_TOKENS + MAX_TOKENS };
  return withPeers(invocation, setting, async (peers, signal) => {
    const isWhole = await withProgress(invocation.output, "peers", rows.length * engines.length, async (advance) => {
      for (const row of rows) {
        const prompt = rowPrompt(format, tokenizer, row);
        const trueTokens = tokenizer.encode(row.canonical_solution).length;
        for (const [engine, peer] of Object.entries(peers)) {
          if (signal.aborted) return false;
          if (!done.has(keyOf(engine, row.task_id))) {
            const { value, ms } = await peer.ask("write", { prompt, ends: entry.ends, maxTokens: MAX_TOKENS });
            const answer = { middle: tokenizer.decode(value.tokens), tokens: value.tokens.length, passes: value.passes, ms };
            await store.add(await gradeRow(sandbox, row, engine, trueTokens, answer));
          }
          advance();
        }
      }
      return true;
    });
    if (!isWhole) return undefined;
    const byKey = new Map(store.results.map((result) => [keyOf(result.method, result.task), result]));
    const resultsOf = (engine: string): RowResult[] => rows.flatMap(({ task_id }) => byKey.get(keyOf(engine, task_id)) ?? []);
    const summaries = engines.map((engine) => summarize(engine, resultsOf(engine)));
    const about = Object.fromEntries(Object.entries(peers).map(([kind, peer]) => [kind, peer.about]));
    const textsSha256 = Object.fromEntries(engines.map((engine) => [engine, textsDigest(resultsOf(engine).map(({ middle }) => middle))]));
    return {
      settings: { data: path.basename(data), dataSha256, rows: rows.length, order: format.order, ends: entry.ends, maxTokens: MAX_TOKENS },
      results: { about, summaries, sameText: sameShare(engines.map(resultsOf)), textsSha256 },
      lines: summaries.map(readout),
    };
  });
}

/** Share of rows to which all engines wrote the same text. */
function sameShare([first = [], ...others]: readonly (readonly RowResult[])[]): number {
  const same = first.filter(({ middle }, at) => others.every((results) => results[at].middle === middle));
  return same.length / Math.max(1, first.length);
}
