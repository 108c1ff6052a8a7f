import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PeersPlan, PeersReport } from "./peersPlan.js";
import { digestOf, readTokenizer } from "./benchRun.js";
import { shuffled } from "../library/drawSome.js";
import { ResultStore } from "../library/resultStore.js";
import { readSourceFiles } from "../library/sourceFiles.js";
import { contextOf, drawPlaces } from "../library/speedPlaces.js";
import { textsDigest } from "../library/textsDigest.js";
import { draftRacersOf, summarizeDrafts, type DraftRow } from "../peers/draftRows.js";
import { LLAMA_PACKAGE } from "../peers/llamaPackage.js";
import type { WrittenText } from "../peers/peerModel.js";
import { promptTokens } from "../peers/rowPrompt.js";
import { REST_MS, withPeers } from "../peers/withPeers.js";
import type { Invocation } from "../../src/cli/invocation.js";
import { withProgress } from "../../src/cli/progress.js";
import { withModels } from "../../src/cli/session.js";
import { createTokenizer } from "../../src/text/tokenizer.js";

const CONTEXT_TOKENS = 512;
/** Special tokens that give a prompt its form, and a few for what is cut from characters. */
const PROMPT_FORM_TOKENS = 16;

/** Texts written on at places of source files, by each engine with its own drafts and without any, in turns. */
export async function peersDrafts(invocation: Invocation, plan: PeersPlan, prompts: string): Promise<PeersReport | undefined> {
  const { options, entry, ggufSha256, threads } = plan;
  const { engines, gguf, out, seed, places: count, tokens: maxTokens } = options;
  const files = await readSourceFiles(prompts);
  const promptsSha256 = textsDigest(files.flatMap(({ file, text }) => [file, text]));
  const modelsDir = path.resolve(invocation.globals.models);
  const identity = { promptsSha256, ggufSha256, threads, maxTokens, engines, package: LLAMA_PACKAGE, seed };
  const store = await ResultStore.open<DraftRow>(out, await digestOf(identity, modelsDir, invocation.environment.distDir));
  const tokenizer = createTokenizer(await readTokenizer(modelsDir));
  const places = drawPlaces(files, tokenizer, count, CONTEXT_TOKENS, seed);
  const racers = draftRacersOf(engines);
  // Our engine is asked as a whole, in its own process; of the other one's process the rest is measured elsewhere.
  const setting = {
    kinds: engines.filter((kind) => kind !== "lacuna"),
    gguf,
    threads,
    contextTokens: CONTEXT_TOKENS + PROMPT_FORM_TOKENS + maxTokens,
  };
  const own = { ...invocation, globals: { ...invocation.globals, threads, device: "cpu" as const } };
  return withModels(own, ({ engine }) =>
    withPeers(invocation, setting, async (peers, signal) => {
      await engine.calibrate();
      const done = new Set(store.results.map(({ place }) => place));
      const run = async (name: string, around: { prefix: string; suffix: string }): Promise<WrittenText> => {
        const hasDrafts = name.endsWith("drafts");
        const peer = peers["llama.cpp"];
        if (name.startsWith("lacuna") || peer === undefined) {
          const decoder = hasDrafts ? "deer" : "ar";
          const request = { ...around, maxTokens, temperature: 0, topP: 1, seed, decoder, block: "auto", isUncut: true } as const;
          const { tokenIds, tokensPerSecond, drafted, accepted } = await engine.complete(request, { signal });
          return { tokens: tokenIds, ms: (1000 * tokenIds.length) / tokensPerSecond, drafted, accepted };
        }
        const prompt = promptTokens(entry.prompt, tokenizer, around);
        return (await peer.ask("writeByItself", { prompt, maxTokens, hasDrafts })).value;
      };
      const isWhole = await withProgress(invocation.output, "peers", places.length, async (advance) => {
        for (const [index, place] of places.entries()) {
          const key = `${index} ${place.file}:${place.offset}`;
          const around = contextOf(place, tokenizer, CONTEXT_TOKENS);
          if (!done.has(key)) {
            // Whoever is first reads the prompt; nothing of it is timed.
            const runs: Record<string, WrittenText> = {};
            for (const racer of shuffled(racers, seed + index)) {
              if (signal.aborted) return false;
              await delay(REST_MS);
              runs[racer] = await run(racer, around);
            }
            if (signal.aborted) return false;
            await store.add({ place: key, file: place.file, runs });
          }
          advance();
        }
        return true;
      });
      if (!isWhole) return undefined;
      const about = Object.fromEntries(Object.entries(peers).map(([kind, peer]) => [kind, peer.about]));
      const { summaries, ratios, sameText } = summarizeDrafts(racers, store.results);
      return {
        settings: {
          prompts: path.basename(prompts),
          promptsSha256,
          places: places.length,
          context: CONTEXT_TOKENS,
          tokens: maxTokens,
          restMs: REST_MS,
        },
        results: { about, places: store.results.length, summaries, ratios, sameText },
        lines: summaries.map(({ racer, msPerToken, acceptedShare }) => {
          const kept = acceptedShare === undefined ? "" : `, ${(100 * acceptedShare).toFixed(0)} % of drafted tokens kept`;
          return `${racer}: ${msPerToken?.median.toFixed(1) ?? "-"} ms a token${kept}`;
        }),
      };
    }),
  );
}
