import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { declaredIn } from "./moduleOutline.js";

interface Step {
  readonly walk: string;
  readonly file: string;
  readonly name: string;
}

/** The steps of the walks in a document: `1. \`file\` \`name\`: what happens`. */
function stepsOf(document: string): Step[] {
  const steps: Step[] = [];
  let walk = "";
  for (const line of document.split("\n")) {
    walk = /^\*\*(I am an? [a-z]+)\.\*\*$/.exec(line)?.[1] ?? (line.startsWith("## ") ? "" : walk);
    const step = /^\d+\. `([^`]+)` `([^`]+)`: /.exec(line);
    if (walk !== "" && step !== null) steps.push({ walk, file: step[1], name: step[2] });
  }
  return steps;
}

/** What is wrong with a walk: a name that its file does not declare, or that no file before it mentions. */
function faultsOf(steps: readonly Step[], textOf: (file: string) => string | undefined): string[] {
  const faults = steps.length > 12 ? [`${steps.length} steps`] : [];
  steps.forEach(({ file, name }, index) => {
    const text = textOf(file);
    if (text === undefined) faults.push(`${file} does not exist`);
    else if (!declaredIn(file, text).has(name)) faults.push(`${file} declares no ${name}`);
    const before = steps.slice(0, index).map((step) => textOf(step.file) ?? "");
    // The service stands at the other end of the channel, where messages lead by their types.
    const wanted = name === "EngineService" ? /Request\b/ : new RegExp(`\\b${name}\\b`);
    if (index > 0 && !before.some((earlier) => wanted.test(earlier))) faults.push(`nothing before it leads to ${name}`);
  });
  return faults;
}

describe("the walks in docs/architecture.md", () => {
  const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
  const steps = stepsOf(readFileSync("docs/architecture.md", "utf8"));

  for (const walk of ["I am a keystroke", "I am a hole"]) {
    it(`lead step by step through the code: ${walk}`, () => {
      const own = steps.filter((step) => step.walk === walk);
      assert.ok(own.length > 5, `${own.length} steps`);
      assert.deepEqual(faultsOf(own, read), []);
    });
  }

  it("are refused where a name is gone, or nothing leads to it", () => {
    const files: Readonly<Record<string, string>> = { "a.ts": "export function a() { b(); }", "b.ts": "export class b { c() {} }" };
    const textOf = (file: string): string | undefined => files[file];
    const step = (file: string, name: string): Step => ({ walk: "w", file, name });
    assert.deepEqual(faultsOf([step("a.ts", "a"), step("b.ts", "b")], textOf), []);
    assert.deepEqual(faultsOf([step("a.ts", "a"), step("b.ts", "c")], textOf), ["nothing before it leads to c"]);
    assert.deepEqual(faultsOf([step("a.ts", "x")], textOf), ["a.ts declares no x"]);
    assert.match(faultsOf([step("z.ts", "a")], textOf)[0], /does not exist/);
  });
});
