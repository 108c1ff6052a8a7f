import assert from "node:assert/strict";
import { runRace, type RaceEvent, type RaceLane } from "../../../src/measure/race.js";
import { racePage } from "../../../src/view/racePage.js";
import { raceSummary } from "../../../src/measure/raceSummary.js";
import type { CompleteResult } from "../../../src/protocol/messages.js";

function ran(part: Partial<CompleteResult> = {}): CompleteResult {
  return {
    ...{ outcome: "done" as const, text: "abcdef", tokens: 12, tokenIds: [], verifies: 4, drafted: 20, accepted: 8, blocks: [3, 3, 3, 3] },
    ...{ drafts: [5, 5, 5, 5], passes: { verifier: 5, diffuser: 3 }, stages: { draftMs: 0, verifyMs: 1, otherMs: 0 } },
    ...{ ms: 1, promptMs: 0, tokensPerSecond: 100, decoder: "deer", model: "m", device: "cpu", ...part },
  };
}

async function race(
  rounds: number,
  answer: (decoder: string) => Partial<CompleteResult> = () => ({}),
  stopAt = Infinity,
): Promise<{ events: RaceEvent[]; asked: string[] }> {
  const [events, asked]: [RaceEvent[], string[]] = [[], []];
  const abort = new AbortController();
  let running = 0;
  await runRace(
    async (decoder, _signal, onText) => {
      assert.equal((running += 1), 1, "two at the same time");
      asked.push(decoder);
      if (asked.length === stopAt) abort.abort();
      await Promise.resolve();
      onText("abc");
      onText("def");
      running -= 1;
      return ran(answer(decoder));
    },
    { rounds, settleMs: 0 },
    abort.signal,
    (event) => events.push(event),
  );
  return { events, asked };
}

describe("a race", () => {
  it("shows each decoder once, then times both in turn, the order changing", async () => {
    const { asked } = await race(3);
    assert.deepEqual(asked, ["ar", "deer", "ar", "deer", "deer", "ar", "ar", "deer"]);
  });

  it("tells of the runs that are shown, block by block, and nothing while it times", async () => {
    const { events } = await race(2);
    const told = events.map((event) => ("lane" in event ? `${event.kind} ${event.lane}` : event.kind));
    const lane = (name: RaceLane): string[] => [`run ${name}`, `text ${name}`, `text ${name}`, `ran ${name}`];
    assert.deepEqual(told, [...lane("ar"), ...lane("deer"), "timing", "end"]);
  });

  it("asks for the reference where the two texts differ", async () => {
    const { asked, events } = await race(1, (decoder) => ({ text: decoder === "ar" ? "abx" : "abc" }));
    assert.equal(asked.at(-1), "arPadded");
    const end = events.at(-1);
    assert.ok(end?.kind === "end" && end.summary.isIdentical);
  });

  it("has no end when it is stopped", async () => {
    for (const stopAt of [1, 2, 3, 4]) {
      const { events, asked } = await race(2, () => ({}), stopAt);
      assert.equal(asked.length, stopAt);
      assert.ok(events.every(({ kind }) => kind !== "end"));
    }
  });
});

describe("the summary of a race", () => {
  const drafted = (...all: number[]): CompleteResult[] => all.map((tokensPerSecond) => ran({ tokensPerSecond }));
  const plain = (...all: number[]): CompleteResult[] => all.map((tokensPerSecond) => ran({ tokensPerSecond, verifies: 12 }));

  it("compares medians", () => {
    const { speedup, headline, details, speeds: medians } = raceSummary(plain(100, 90, 400), drafted(50, 250, 260), undefined);
    assert.equal(speedup, 2.5);
    assert.equal(headline, "2.5x");
    assert.deepEqual(medians, { ar: 100, deer: 250 });
    assert.match(details.join(" "), /identical.*250 tokens\/s with drafts, 100 without: medians of 3 rounds of 12 tokens.*3\.0 tokens for each pass/);
  });

  const rows: readonly [what: string, plain: string, drafted: string, reference: string | undefined, identical: boolean, said: RegExp][] = [
    ["the same text", "a", "a", undefined, true, /The two texts are identical/],
    ["the reference's text", "b", "a", "a", true, /near-tie/],
    ["another text", "b", "a", "c", false, /must not be/],
  ];
  for (const [what, plain, drafted, reference, identical, said] of rows) {
    it(`says of ${what} what it is`, () => {
      const summary = raceSummary([ran({ text: plain })], [ran({ text: drafted })], reference === undefined ? undefined : ran({ text: reference }));
      assert.equal(summary.isIdentical, identical);
      assert.match(summary.details[0], said);
    });
  }

  it("gives no number that passes cannot explain, and says the speeds of the rounds", () => {
    assert.equal(raceSummary(plain(100), drafted(320), undefined).speedup, 3.2);
    const { speedup, headline, details } = raceSummary(plain(31, 20, 40), drafted(736, 700, 800), undefined);
    assert.equal(speedup, undefined);
    assert.match(headline, /too busy/);
    assert.match(details.at(-1)!, /700 to 800 tokens\/s with drafts, 20 to 40 without/);
  });

  it("gives no number where next to nothing was written", () => {
    const { speedup, headline } = raceSummary([ran({ tokens: 1 })], [ran({ tokens: 1 })], undefined);
    assert.equal(speedup, undefined);
    assert.match(headline, /Too little/);
  });
});

describe("the page of the race", () => {
  const page = racePage({ cspSource: "https://webview", nonce: "abc", script: "https://webview/race.js", style: "https://webview/race.css" });

  it("allows nothing but its own style and its one script", () => {
    assert.match(page, /content="default-src 'none'; style-src https:\/\/webview; script-src 'nonce-abc'"/);
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.doesNotMatch(page, /style=|onclick|unsafe/);
  });

  it("names nothing but what it was given", () => {
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
    assert.deepEqual(addresses, ["https://webview/race.css", "https://webview/race.js"]);
  });
});
