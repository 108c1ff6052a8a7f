import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

describe("docs/protocol.md", () => {
  const document = readFileSync("docs/protocol.md", "utf8");
  const source = readFileSync("src/protocol/messages.ts");

  it("was read again since the messages last changed", () => {
    const digest = createHash("sha256").update(source).digest("hex");
    assert.equal(document.split("\n")[0], `<!-- sha256 of src/protocol/messages.ts: ${digest} -->`);
  });

  it("names every message", () => {
    const names = [...source.toString().matchAll(/new (?:Request|Notification)Type0?<[^(]*\("(\w+)"\)/g)].map((match) => match[1]);
    assert.ok(names.length >= 6);
    assert.deepEqual(
      names.filter((name) => !document.includes(`\`${name}\``)),
      [],
    );
  });
});
