import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const PROGRAM = path.resolve("test/run/inTurns.mjs");

/** The last line, and the exit code, of runs whose scripts print and end as told. */
function inTurns(scripts: Readonly<Record<string, { prints: string; code?: number }>>): { last: string; code: number | null } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-turns-"));
  try {
    const command = ([name, { prints, code = 0 }]: [string, { prints: string; code?: number }]): [string, string] => {
      writeFileSync(path.join(folder, `${name}.mjs`), `console.log(${JSON.stringify(prints)}); process.exitCode = ${code};`);
      return [name, `node ${name}.mjs`];
    };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify({ scripts: Object.fromEntries(Object.entries(scripts).map(command)) }));
    const { stdout, status } = spawnSync(process.execPath, [PROGRAM, ...Object.keys(scripts)], { cwd: folder, encoding: "utf8" });
    return { last: stdout.trimEnd().split("\n").at(-1) ?? "", code: status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("test runs in turns", () => {
  it("end with the sum of what each passed and failed", () => {
    const both = inTurns({ one: { prints: "much\n12 passed, 0 failed, 3 skipped" }, two: { prints: "4 passed, 0 failed\n" } });
    assert.deepEqual(both, { last: "16 passed, 0 failed, 3 skipped", code: 0 });
  });

  it("fail where one fails, and the next one still runs", () => {
    assert.deepEqual(inTurns({ one: { prints: "5 passed, 2 failed", code: 1 }, two: { prints: "4 passed, 0 failed" } }), {
      last: "9 passed, 2 failed",
      code: 1,
    });
  });

  it("count a run that says nothing of its tests, or ends badly after it, as a failure", () => {
    assert.deepEqual(inTurns({ one: { prints: "Segmentation fault" } }), { last: "0 passed, 1 failed", code: 1 });
    assert.deepEqual(inTurns({ one: { prints: "5 passed, 0 failed", code: 1 } }), { last: "5 passed, 1 failed", code: 1 });
  });
});
