import assert from "node:assert/strict";
import { ChoiceAge } from "../../../src/related/choiceAge.js";
import { isIgnored, type IgnoreRules } from "../../../src/related/isIgnored.js";
import { languageFamily } from "../../../src/related/languageFamily.js";
import { RecentFiles } from "../../../src/related/recentFiles.js";

describe("recent files", () => {
  it("are those that were edited, the latest first, then those that were looked at", () => {
    const files = new RecentFiles();
    for (const uri of ["a", "b", "c", "d"]) files.seen(uri);
    for (const uri of ["b", "a"]) files.edited(uri);
    files.seen("c");
    assert.deepEqual(files.latestFirst, ["a", "b", "c", "d"]);
    files.edited("b");
    files.closed("d");
    assert.deepEqual(files.latestFirst, ["b", "a", "c"]);
  });

  it("do not grow without end", () => {
    const files = new RecentFiles();
    for (let index = 0; index < 1000; index += 1) files.edited(String(index));
    assert.ok(files.latestFirst.length <= 40 && files.latestFirst[0] === "999");
  });
});

describe("what was chosen for a place", () => {
  const looks = (...each: [uri: string, line: number, atMs: number][]): boolean[] => {
    const age = new ChoiceAge();
    return each.map(([uri, line, atMs]) => age.isDue({ uri, line, atMs }));
  };

  it("stays while one types, however long that takes", () => {
    const keys = Array.from({ length: 300 }, (_, index): [string, number, number] => ["a", Math.floor(index / 30), index * 200]);
    assert.deepEqual(looks(...keys).filter(Boolean).length, 1);
  });

  it("is chosen anew in another document, after a jump, and after a rest when it is old", () => {
    assert.deepEqual(looks(["a", 0, 0], ["b", 0, 10], ["a", 0, 20]), [true, true, true]);
    assert.deepEqual(looks(["a", 50, 0], ["a", 20, 10], ["a", 81, 20], ["a", 80, 30]), [true, false, true, false]);
    assert.deepEqual(looks(["a", 0, 0], ["a", 0, 5000], ["a", 0, 9999], ["a", 0, 12_000], ["a", 0, 14_000]), [true, false, false, true, false]);
  });

  it("is chosen anew after the next rest once more is known", () => {
    const age = new ChoiceAge();
    const isDue = (atMs: number): boolean => age.isDue({ uri: "a", line: 0, atMs });
    assert.equal(isDue(0), true);
    age.incomplete();
    assert.deepEqual([isDue(100), isDue(1000), isDue(2600), isDue(4200)], [false, false, true, false]);
  });

  it("is chosen anew once it is forgotten", () => {
    const age = new ChoiceAge();
    const look = { uri: "a", line: 0, atMs: 0 };
    assert.deepEqual([age.isDue(look), age.isDue(look)], [true, false]);
    age.forget();
    assert.equal(age.isDue(look), true);
  });
});

describe("ignored paths", () => {
  const rules = (ignoresCase: boolean, ...texts: readonly (readonly [folder: string, text: string])[]): IgnoreRules => ({
    texts: new Map(texts),
    ignoresCase,
  });
  const among = (paths: readonly string[], given: IgnoreRules): string[] => paths.filter((path) => isIgnored(path, given));

  it("are those that a .gitignore on their way names, the inner one last", () => {
    const given = rules(false, ["", "*.log\nbuild/\nsecret.py\n/top.py\n"], ["lib", "!secret.py\ngenerated\n"]);
    const ignored = ["a.log", "lib/deep/b.log", "build/x.py", "lib/build/x.py", "secret.py", "other/secret.py", "top.py", "lib/generated/x.py"];
    const kept = ["a.py", "lib/secret.py", "lib/top.py", "generated/x.py", "builder.py"];
    assert.deepEqual(among([...ignored, ...kept], given), ignored);
  });

  it("stay so below a folder that is ignored, whatever is said of them", () => {
    const given = rules(false, ["", "out/\n!out/a.py\nlogs/*\n!logs/keep.py\n"], ["out", "!b.py\n"], ["out/deep", "!*\n"]);
    assert.deepEqual(among(["out/a.py", "out/b.py", "out/deep/c.py", "logs/x.py", "logs/keep.py"], given), [
      "out/a.py",
      "out/b.py",
      "out/deep/c.py",
      "logs/x.py",
    ]);
  });

  it("are written as the rules write them, where names that differ by case are different names", () => {
    const texts = [["", "Build/\n*.LOG\n"]] as const;
    assert.deepEqual(among(["build/a.py", "Build/a.py", "a.log", "a.LOG"], rules(false, ...texts)), ["Build/a.py", "a.LOG"]);
    assert.deepEqual(among(["build/a.py", "Build/a.py", "a.log", "a.LOG"], rules(true, ...texts)).length, 4);
  });

  it("are none without rules", () => {
    assert.equal(isIgnored("a.log", rules(false)), false);
  });
});

describe("a family of languages", () => {
  it("holds those whose files use one another", () => {
    assert.equal(languageFamily("typescriptreact"), languageFamily("javascript"));
    assert.equal(languageFamily("cpp"), languageFamily("c"));
    assert.notEqual(languageFamily("python"), languageFamily("javascript"));
    assert.equal(languageFamily("python"), "python");
  });
});
