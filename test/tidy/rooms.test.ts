import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import importRule, { isAllowed, roomOf } from "../../configs/importRule.mjs";
import { filesBelow } from "./filesBelow.js";
import { importsOf } from "./moduleOutline.js";

interface Room {
  readonly what: string;
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  readonly isPure?: boolean;
}

const rooms = createRequire(import.meta.url)("../../configs/imports.cjs") as Readonly<Record<string, Room>>;

/** The table as docs/architecture.md prints it. */
function printed(): string {
  const rows = Object.entries(rooms).map(([name, { what, folders, packages, isPure }]) => {
    const imports = [...folders, ...packages.map((each) => `*${each}*`)].join(", ") || "nothing";
    return `| \`src/${name}\`${isPure === true ? " (pure)" : ""} | ${what} | ${imports} |`;
  });
  return ["| folder | what it is | may import |", "|---|---|---|", ...rows].join("\n");
}

describe("the rooms of src", () => {
  it("are those of the import table, and the architecture document prints it", () => {
    const document = readFileSync("docs/architecture.md", "utf8");
    const shown = /<!-- rooms:[^>]*-->\n([\s\S]*?)\n?<!-- \/rooms -->/.exec(document)?.[1];
    assert.equal(shown, printed());
  });

  it("hold every file, and every import goes where the table lets it", () => {
    const files = filesBelow("src", ".ts").filter((file) => file.split("/").length > 2);
    assert.ok(files.length > 150);
    assert.deepEqual(
      files.filter((file) => roomOf(file) === undefined),
      [],
    );
    const imports = files.flatMap((file) => importsOf(file, readFileSync(file, "utf8")));
    assert.deepEqual(
      imports.filter(({ file, target, isRelative }) => !isAllowed(file, target, isRelative)),
      [],
    );
  });

  it("are kept apart: an import against the table is refused", () => {
    const refused: [from: string, target: string, isRelative: boolean][] = [
      ["src/decode/sample.ts", "src/engine/service.ts", true],
      ["src/decode/draft/speculate.ts", "src/decode/infill/canvas.ts", true],
      ["src/decode/sample.ts", "node:fs", false],
      ["src/engine/service.ts", "onnxruntime-node", false],
      ["src/engine/models/kvCache.ts", "onnxruntime-node", false],
      ["src/suggest/suggester.ts", "vscode", false],
      ["src/host/lacuna.ts", "src/engine/service.ts", true],
      ["src/text/tokenizer.ts", "@huggingface/tokenizers/node", false],
    ];
    assert.deepEqual(
      refused.filter((each) => isAllowed(...each)),
      [],
    );
    assert.ok(isAllowed("src/engine/runtime/onnxSession.ts", "onnxruntime-node", false));
    assert.ok(isAllowed("src/engine/service.ts", "src/engine/serve/completer.ts", true));
    assert.equal(typeof importRule.create, "function");
  });
});
