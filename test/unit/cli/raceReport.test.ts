import assert from "node:assert/strict";
import fc from "fast-check";
import { median } from "../../../src/base/median.js";
import { raceReadout, raceReport } from "../../../src/cli/raceReport.js";
import { completion } from "./scriptedEngine.js";

const at = (...speeds: number[]) => speeds.map((tokensPerSecond) => completion({ tokensPerSecond }));

describe("raceReport", () => {
  it("the speed-up is the ratio of the median speeds, so that one slow round does not decide", () => {
    const report = raceReport({ reference: completion({}), ar: at(100, 1, 110), deer: at(200, 220, 9000) });
    assert.equal(report.speedup, 2.2);
    assert.deepEqual(report.ar.range, [1, 110]);
    assert.deepEqual(report.deer.range, [200, 9000]);
    assert.equal(report.rounds, 3);
  });

  it("tokens per verify count the verifier's own token, accepted drafts do not", () => {
    const { deer } = raceReport({ reference: completion({}), ar: at(1), deer: [completion({ tokens: 6, verifies: 2, accepted: 4 })] });
    assert.equal(deer.meanAccepted, 3);
    assert.equal(deer.acceptedDraftTokens, 4);
  });

  it("one round with another text is enough not to be identical", () => {
    const deer = [completion({}), completion({ text: "other" })];
    assert.equal(raceReport({ reference: completion({}), ar: at(1, 1), deer }).identical, false);
    assert.equal(raceReport({ reference: completion({}), ar: at(1, 1), deer: at(1, 1) }).identical, true);
  });

  it("a plain text that rounds differently leaves the text identical to the reference", () => {
    const report = raceReport({ reference: completion({}), ar: [completion({ text: "other" })], deer: at(1) });
    assert.equal(report.identical, true);
    assert.equal(report.identicalToPlain, false);
  });

  it("nothing written gives no speed-up, in JSON and in words", () => {
    const empty = completion({ text: "", tokens: 0, verifies: 0, tokensPerSecond: 0 });
    const report = raceReport({ reference: empty, ar: [empty], deer: [empty] });
    assert.equal(report.speedup, null);
    assert.equal(report.deer.meanAccepted, 0);
    assert.match(raceReadout(report), /wrote nothing/);
  });

  it("the readout names both speeds, the tokens a verify and whether the text is the same", () => {
    const report = raceReport({ reference: completion({}), ar: at(215), deer: at(412) });
    assert.equal(raceReadout(report), "speed-up 1.9x  (DEER 412 tok/s against AR 215 tok/s, 3.0 tokens a verify, identical text)");
    const other = raceReport({ reference: completion({ text: "other" }), ar: at(215), deer: at(412) });
    assert.match(raceReadout(other), /the text differs from the reference/);
  });

  it("half of the values lie on either side of the median, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        assert.ok(values.filter((value) => value < middle).length <= values.length / 2);
        assert.ok(values.filter((value) => value > middle).length <= values.length / 2);
      }),
    );
  });
});
