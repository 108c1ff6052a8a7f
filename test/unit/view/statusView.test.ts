import assert from "node:assert/strict";
import { diagnosticsReport } from "../../../src/view/diagnosticsReport.js";
import { SpeedRecord } from "../../../src/measure/speedRecord.js";
import { times } from "../../../src/measure/gain.js";
import { histogram, statusView, type StatusFacts } from "../../../src/view/statusView.js";
import { switchRefusal, type SwitchState } from "../../../src/suggest/switches.js";

function facts(change: Partial<StatusFacts> = {}, pairs = 0): StatusFacts {
  const record = new SpeedRecord();
  for (let pair = 0; pair < pairs; pair += 1) record.addPair({ plain: [50], drafted: [120] }, []);
  record.addCompletion({ blocks: [1, 4, 4] }, 80);
  return {
    engine: "ready",
    refusal: undefined,
    failure: undefined,
    speeds: record.speeds,
    device: "cpu, 2 threads",
    place: undefined,
    models: [{ name: "lacuna-verifier", role: "verifier", parameters: 12_345_678, weights: "int8" }],
    memoryBytes: 300 * 2 ** 20,
    ...change,
  };
}

describe("the status bar item", () => {
  it("is grey and without a number until the speed-up is measured", () => {
    const { text, isGrey } = statusView(facts());
    assert.ok(isGrey);
    assert.doesNotMatch(text, /\d/);
    assert.match(statusView(facts()).tooltip, /not measured yet \(0 of \d prompts\)/);
  });

  it("shows the measured speed-up", () => {
    const { text, isGrey, spoken, tooltip } = statusView(facts({}, 6));
    assert.match(text, /2\.4x/);
    assert.equal(isGrey, false);
    assert.match(spoken, /2\.4x/);
    const measures = ["**2.4x** (median of 6 prompts)", "120 tokens/s", "50 tokens/s", "p50 80 ms", "`▅··█`"];
    for (const part of [...measures, "12.3 M", "cpu, 2 threads", "300 MB"]) {
      assert.ok(tooltip.includes(part), `${part} in ${tooltip}`);
    }
  });

  it("says which machine computes when it is another", () => {
    assert.match(statusView(facts({ place: "on the remote machine (ssh-remote)" })).tooltip, /cpu, 2 threads, on the remote machine \(ssh-remote\)/);
  });

  it("says why the models run where they do, as nothing but text", () => {
    const { tooltip } = statusView(facts({ deviceReason: "webgpu: no adapter | none" }));
    assert.match(tooltip, /\| Why there &nbsp; \| `webgpu: no adapter none` \|/);
    assert.doesNotMatch(statusView(facts()).tooltip, /Why there/);
    const long = `cuda: ${"a library is missing; ".repeat(10)}webgpu: no adapter`;
    assert.ok(statusView(facts({ deviceReason: long })).tooltip.includes(long));
  });

  it("shows what others wrote as nothing but text: no picture, no link, no cell of a table", () => {
    const foreign = "![x](https://host.invalid/x.png) [y](command:z) <b> | `c`\n# d";
    const others = { refusal: foreign, device: foreign, deviceReason: foreign, place: foreign, fills: foreign };
    const server = { isUp: true, host: foreign, model: foreign, why: foreign };
    const models = [{ name: foreign, role: "verifier" as const, parameters: 1, weights: "int8" as const }];
    for (const change of [{ server }, { engine: "failed" as const, failure: foreign }]) {
      const { tooltip } = statusView(facts({ ...others, models, ...change }));
      assert.ok(tooltip.includes("host.invalid"));
      assert.doesNotMatch(tooltip.replaceAll(/`[^`\n]*`/g, ""), /host\.invalid|command:|<b>|# d/);
      for (const row of tooltip.split("\n").filter((line) => line.startsWith("| "))) assert.match(row, /^\|[^|]*\|[^|]*\|(?: \|)?$/, row);
    }
  });

  it("says why nothing is suggested, and warns when the engine does not run", () => {
    const refused = statusView(facts({ refusal: "Suggestions are snoozed." }, 6));
    assert.ok(refused.isGrey && refused.tooltip.includes("Suggestions are snoozed.") && !refused.isWarning);
    const failed = statusView(facts({ engine: "failed", failure: "It ended. Restart it." }));
    assert.ok(failed.isWarning && failed.tooltip.includes("It ended. Restart it."));
  });

  it("draws counts as bars, the largest full", () => {
    assert.equal(histogram([1, 0, 4, 2]), "▃·█▅");
    assert.equal(histogram([]), "");
    assert.equal(histogram([0, 0]), "");
    assert.equal(times(2.449), "2.4x");
  });
});

describe("diagnostics", () => {
  const refusals = [{ atMs: 0, file: "/home/somebody/secret-project/main.py", line: 3, text: "The file is too large." }];
  const base = { version: "1.2.3", editor: "Code 1.106", platform: "linux-x64", status: facts(), engine: "version 1", settings: {}, refusals };

  it("hold neither names of files nor text", () => {
    const report = diagnosticsReport({ ...base, source: undefined });
    assert.doesNotMatch(report, /secret-project|somebody|main/);
    assert.match(report, /\.py `The file is too large\.`/);
  });

  it("hold what others wrote as nothing but text", () => {
    const foreign = "![x](https://host.invalid/x.png)";
    const models = [{ name: foreign, role: "verifier" as const, parameters: 1, weights: "int8" as const }];
    const status = facts({ models, failure: foreign, deviceReason: foreign, device: foreign });
    const report = diagnosticsReport({ ...base, status, refusals: [{ ...refusals[0], text: foreign }], source: undefined });
    assert.doesNotMatch(report.replaceAll(/`[^`\n]*`/g, ""), /host\.invalid/);
  });

  it("hold the text that was ticked", () => {
    assert.match(diagnosticsReport({ ...base, source: "def f():" }), /def f\(\):/);
  });
});

describe("suggestions are off", () => {
  const on: SwitchState = { isShown: true, isEnabled: true, isLanguageOn: true, isManualOnly: false, snoozedUntilMs: 0, isPaused: false };
  const rows: readonly (readonly [claim: string, change: Partial<SwitchState>])[] = [
    ["when they are switched off", { isEnabled: false }],
    ["where the editor shows none", { isShown: false }],
    ["in a language that is switched off", { isLanguageOn: false }],
    ["when they are to come by hand alone", { isManualOnly: true }],
    ["while they are snoozed", { snoozedUntilMs: 2000 }],
    ["while they are paused", { isPaused: true }],
  ];
  for (const [claim, change] of rows) {
    it(`${claim}, but not for who asks by hand`, () => {
      assert.equal(typeof switchRefusal({ ...on, ...change }, false, 1000), "string");
      assert.equal(switchRefusal({ ...on, ...change }, true, 1000), undefined);
    });
  }

  it("no longer when the snooze is over, nor when nothing is switched off", () => {
    assert.equal(switchRefusal({ ...on, snoozedUntilMs: 2000 }, false, 3000), undefined);
    assert.equal(switchRefusal(on, false, 1000), undefined);
  });
});
