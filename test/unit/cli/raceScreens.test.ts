import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { RaceReport } from "../../../src/measure/raceReport.js";
import { raceWords } from "../../../src/measure/raceWords.js";
import { racePage } from "../../../src/view/racePage.js";
import { runWith } from "./runWith.js";
import type { Script } from "./scriptedEngine.js";

const RACE = ["race", "-", "--at", "1:1", "--rounds", "2"];
/** One-token decoding parts from the rest at its sixth token. */
const parting: Partial<Script> = { textOf: (decoder) => (decoder === "ar" ? "text A" : "text B") };
const agreeing: Partial<Script> = { textOf: () => "text B" };

/** Every screen that tells of a race on such an engine, by its name. */
async function screens(script: Partial<Script>): Promise<Record<string, string>> {
  const [race, demo, json] = [
    await runWith(RACE, { script }),
    await runWith(["demo"], { script, distDir: "dist" }),
    await runWith([...RACE, "--json"], { script }),
  ];
  const report = JSON.parse(json.stdout) as RaceReport;
  const { headline, details } = raceWords(report);
  const page = racePage({ cspSource: "", nonce: "", script: "", style: "" });
  return { race: race.stdout, demo: demo.stdout.slice(demo.stdout.indexOf("Race")), panel: [page, headline, ...details].join("\n") };
}

describe("the screens of a race", () => {
  it("say nowhere that the two texts are the same where they differ, and say that they differ", async () => {
    for (const [name, said] of Object.entries(await screens(parting))) {
      assert.doesNotMatch(said, /identical|the same text|same code|text is the same|wrote the same/i, name);
      assert.match(said, /One-token decoding wrote another text here, from token 6 on: it rounds differently\./, name);
      assert.match(said, /Same text as undrafted decoding in the same passes: yes \(verified in \d+ runs\)\./, name);
    }
  });

  it("say that they are the same where they are", async () => {
    for (const [name, said] of Object.entries(await screens(agreeing))) assert.match(said, /One-token decoding wrote the same text here\./, name);
  });

  it("tell programs the same", async () => {
    const of = async (script: Partial<Script>): Promise<unknown[]> => {
      const { stdout } = await runWith([...RACE, "--json"], { script });
      const { identical, lossless, plainDiffersFrom, ar, deer } = JSON.parse(stdout) as RaceReport;
      return [identical, lossless, plainDiffersFrom, ar.text, deer.text];
    };
    assert.deepEqual(await of(parting), [false, true, 6, "text A", "text B"]);
    assert.deepEqual(await of(agreeing), [true, true, null, "text B", "text B"]);
    assert.deepEqual(await of({ textOf: (decoder) => (decoder === "deer" ? "text C" : "text B") }), [false, false, 6, "text B", "text C"]);
  });

  it("of the panel show what they are told: its script has no verdict of its own", () => {
    const script = readFileSync("media/race/race.js", "utf8");
    assert.doesNotMatch(script, /identical|\bsame\b|as fast/i);
    assert.match(script, /textContent = headline/);
  });
});
