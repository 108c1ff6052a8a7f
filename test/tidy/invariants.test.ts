import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";

/** Problems of the numbered invariants: each is a paragraph `**I<n>.** sentence. Check: `path``, several paths allowed. */
function badInvariants(text: string, isCheck: (file: string) => boolean): string[] {
  const section = /^## Invariants\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)?.[1] ?? "";
  const paragraphs = section
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph.startsWith("**I"));
  if (paragraphs.length === 0) return ["no invariants found"];
  return paragraphs.flatMap((paragraph, index) => {
    const name = `I${index + 1}`;
    if (!paragraph.startsWith(`**${name}.** `)) return [`expected ${name}, found: ${paragraph.slice(0, 40)}`];
    const after = /Check:([\s\S]*)$/.exec(paragraph)?.[1] ?? "";
    const files = [...after.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
    if (files.length === 0) return [`${name} names no check`];
    return files.filter((file) => !isCheck(file)).map((file) => `${name}: its check ${file} does not exist`);
  });
}

/** A file that `npm test` runs. */
const isCheck = (file: string): boolean => (/^test\/.*\.test\.ts$/.test(file) || file === "check.mjs") && existsSync(file);

describe("invariants in docs/architecture.md", () => {
  it("are numbered without gaps and each names a check that exists", () => {
    assert.deepEqual(badInvariants(readFileSync("docs/architecture.md", "utf8"), isCheck), []);
  });

  it("are refused with a gap, without a check, with a missing check, and when there are none", () => {
    const section = (...lines: string[]): string => `# A\n\n## Invariants\n\n${lines.join("\n\n")}\n\n## Next\n\n**I9.** Not one.\n`;
    const good = "**I1.** Holds. Check: `test/a.test.ts`";
    const exists = (file: string): boolean => file === "test/a.test.ts";
    assert.deepEqual(badInvariants(section(good), exists), []);
    assert.match(badInvariants(section(good, "**I3.** Holds. Check: `test/a.test.ts`"), exists)[0], /expected I2/);
    assert.match(badInvariants(section("**I1.** Holds."), exists)[0], /names no check/);
    assert.match(badInvariants(section("**I1.** Holds. Check: `test/gone.test.ts`"), exists)[0], /does not exist/);
    assert.deepEqual(badInvariants("# A\n", exists), ["no invariants found"]);
  });
});
