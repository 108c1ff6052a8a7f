import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { UsageLog } from "../../../src/host/usageLog.js";
import { WatchedText } from "../../../src/measure/watchedText.js";
import { usageWords } from "../../../src/view/usageWords.js";

describe("the statistics of a person", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-usage-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are summed over windows, by language and model, the most accepted first", () => {
    const [first, second] = [new UsageLog(path.join(folder, "new")), new UsageLog(path.join(folder, "new"))];
    first.add("python", "small", { shown: 1 });
    first.add("python", "small", { shown: 1, accepted: 1, characters: 20 });
    first.flush();
    second.add("python", "small", { judged: 1, kept: 1 });
    second.add("go", "small", { shown: 3, accepted: 2, characters: 9 });
    second.flush();
    first.add("go", "large", { shown: 1 });
    const none = { accepted: 0, judged: 0, kept: 0, characters: 0 };
    assert.deepEqual(first.read(), [
      { language: "go", model: "small", shown: 3, accepted: 2, judged: 0, kept: 0, characters: 9 },
      { language: "python", model: "small", shown: 2, accepted: 1, judged: 1, kept: 1, characters: 20 },
      { language: "go", model: "large", shown: 1, ...none },
    ]);
  });

  it("survive lines that are none, and are gone after a reset", () => {
    const log = new UsageLog(folder);
    log.add("python", "small", { shown: 2 });
    log.flush();
    const wrong = ["-1", '"9"', "0.5"].map((shown) => `{"language":"c","model":"m","shown":${shown}}`);
    const torn = ["", "{", "[]", "7", '{"language":"c"}', ...wrong];
    appendFileSync(path.join(folder, "statistics.jsonl"), torn.join("\n"));
    assert.deepEqual(log.read().map(({ language, shown }) => [language, shown]), [["python", 2]]); // prettier-ignore
    log.add("python", "small", { shown: 1 });
    log.reset();
    assert.deepEqual(log.read(), []);
    log.reset();
  });

  it("do not grow for ever, and lose nothing when they are shortened", () => {
    const log = new UsageLog(folder);
    for (let count = 0; count < 4000; count += 1) {
      log.add("python", "a model with a name of some length", { shown: 1 });
      log.flush();
    }
    assert.ok(statSync(path.join(folder, "statistics.jsonl")).size < 300_000);
    assert.equal(log.read()[0].shown, 4000);
    assert.doesNotMatch(readFileSync(path.join(folder, "statistics.jsonl"), "utf8"), /text/);
  });

  it("are told in words, without shares of nothing", () => {
    const row = { language: "python", model: "small", shown: 1200, accepted: 300, judged: 200, kept: 150, characters: 12_345 };
    const told = "1,200 shown, 300 accepted (25 %), 12,345 characters not typed; 75 % unchanged a minute later";
    assert.deepEqual(usageWords(row), { label: "python", description: "small", detail: told });
    assert.doesNotMatch(usageWords({ ...row, language: "$(x)", model: "$(y)" }).label, /\$\(/);
    assert.doesNotMatch(usageWords({ ...row, language: "$(x)", model: "$(y)" }).description, /\$\(/);
    const nothing = { language: "c", model: "small", shown: 3, accepted: 0, judged: 0, kept: 0, characters: 0 };
    assert.equal(usageWords(nothing).detail, "3 shown, 0 accepted, 0 characters not typed");
  });
});

describe("a watched text", () => {
  const after = (...changes: readonly (readonly [number, number, string])[]): boolean => {
    const watched = new WatchedText(10, 5);
    for (const [rangeOffset, rangeLength, text] of changes) watched.change([{ rangeOffset, rangeLength, text }]);
    return watched.isWhole;
  };

  it("is whole while others are written and deleted around it", () => {
    assert.equal(after([0, 3, ""], [0, 0, "abcdef"], [13, 0, "before"], [24, 0, "behind"]), true);
  });

  it("is not when a part is written over, deleted, or parted", () => {
    const partings = [[12, 0, "x"], [10, 1, "x"], [14, 3, ""], [0, 40, "all"], [9, 2, ""]] as const; // prettier-ignore
    for (const change of partings) assert.equal(after(change), false);
    assert.equal(after([0, 10, ""], [0, 2, ""]), false);
  });
});
