import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { filesBelow } from "./filesBelow.js";

/** What has no place in a text about the product: notes to oneself, and paths of one machine. */
const FOREIGN = [/\b(todo|fixme|tbd|wip)\b/i, /\bsessions?\b/i, /(?<![\w.`*-])\/(home|root|work|tmp|Users|mnt)\//, /\b[A-Z]:\\/];

function foreignLines(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => (FOREIGN.some((pattern) => pattern.test(line)) ? [`${file}:${index + 1} ${line.trim()}`] : []));
}

/** Targets of relative links that `exists` does not know. */
function deadLinks(file: string, text: string, exists: (target: string) => boolean): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map((match) => match[1]).filter((target) => !/^[a-z]+:/.test(target));
  return targets.filter((target) => !exists(path.posix.join(path.posix.dirname(file), target))).map((target) => `${file}: ${target} does not exist`);
}

describe("README and docs", () => {
  const files = ["README.md", ...filesBelow("docs", ".md")];

  it("speak of the product alone", () => {
    assert.deepEqual(
      files.flatMap((file) => foreignLines(file, readFileSync(file, "utf8"))),
      [],
    );
  });

  it("link to files that exist", () => {
    assert.deepEqual(
      files.flatMap((file) => deadLinks(file, readFileSync(file, "utf8"), existsSync)),
      [],
    );
  });

  it("are refused with notes to oneself and with machine paths", () => {
    const bad = ["TODO: explain", "In this session", "see /home/me/notes", "at C:\\models", "in /tmp/x/"];
    assert.equal(foreignLines("a.md", bad.join("\n")).length, bad.length);
    assert.deepEqual(foreignLines("a.md", "training/work/ holds it; `onnxSession.ts` alone imports the runtime"), []);
  });

  it("are refused with a dead link", () => {
    assert.deepEqual(
      deadLinks("docs/a.md", "[b](b.md#part) [c](https://example.org/x)", () => false),
      ["docs/a.md: b.md does not exist"],
    );
  });
});
