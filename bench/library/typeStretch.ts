import type { EngineClient } from "../../src/client/engineClient.js";
import { languageOfFile } from "../../src/cli/languageOfFile.js";
import { systemClock } from "../../src/machine/systemClock.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import { lineLikelihood } from "../../src/suggest/likelihood.js";
import { Presenters } from "../../src/suggest/presenter.js";
import { Suggester } from "../../src/suggest/suggester.js";
import { SuggestionStore } from "../../src/suggest/suggestionStore.js";
import { fixedDebounce } from "./fixedDebounce.js";
import { isRightLine, keysOf, type Stretch, type TypedKey } from "./typedStretches.js";

const MAX_TOKENS = 32;
const GREEDY = { temperature: 0, topP: 1, seed: 0, decoder: "deer", block: "auto" } as const;

/** Types a stretch through the code of the extension that asks, keeps and trims, waits at each key for all of the text, and notes it. */
export async function typeStretch(engine: Pick<EngineClient, "complete">, stretch: Stretch, signal: AbortSignal): Promise<TypedKey[]> {
  const { file, text, start, end } = stretch;
  const [store, presenters] = [new SuggestionStore(), new Presenters()];
  let atRest = (): void => {};
  let failure = undefined as Error | undefined;
  const suggester = new Suggester({
    complete: ({ prefix, suffix }, maxLines, abort, onText) =>
      engine.complete({ prefix, suffix, ...GREEDY, maxTokens: MAX_TOKENS, maxLines }, { signal: abort, onText }),
    store,
    presenters,
    debounce: fixedDebounce(0),
    clock: systemClock,
    maxTokens: () => MAX_TOKENS,
    onProgress: () => atRest(),
    onFailure: (error) => (failure = error instanceof Error ? error : new Error(String(error))),
  });
  const languageId = languageOfFile(file);
  const keys: TypedKey[] = [];
  let before = start;
  for (const at of keysOf(stretch)) {
    if (signal.aborted) break;
    const place = { uri: file, languageId, ...documentSlice(text.slice(0, at) + text.slice(end), at, at) };
    suggester.ask(place);
    while (suggester.isRunning) await new Promise<void>((resolve) => (atRest = resolve));
    if (failure !== undefined) throw failure;
    const current = suggester.current(place);
    const known = store.find(place);
    const noted = { kind: presenters.at(place, false).kind, typed: text.slice(before, at) };
    before = at;
    if (typeof current !== "object" || known === undefined) {
      keys.push({ ...noted, shown: undefined, logProbs: [], isRight: false });
      continue;
    }
    const { logProbs } = lineLikelihood(known, current.text, true);
    const rest = text.slice(end).split("\n", 1)[0].slice(current.replaced);
    keys.push({ ...noted, shown: current.text, logProbs, isRight: isRightLine(current.text, rest, text.slice(at)) });
  }
  return keys;
}
