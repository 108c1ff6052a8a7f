import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { filesBelow } from "./filesBelow.js";

const RUNTIME = /^(import|export)\b.*from "onnxruntime-node";$/;
const SWITCH = /^import "(\.{1,2}\/)+([\w-]+\/)*noTelemetry\.js";$/;

/** Whether a module loads the native runtime, and whether it switches the runtime's telemetry off first. */
function loadsRuntime(text: string): { isLoaded: boolean; isQuiet: boolean } {
  const imports = text.split("\n").filter((line) => /^(import|export)\b.*"/.test(line));
  const at = imports.findIndex((line) => RUNTIME.test(line));
  return { isLoaded: at >= 0, isQuiet: imports.slice(0, Math.max(at, 0)).some((line) => SWITCH.test(line)) };
}

describe("telemetry of the runtime", () => {
  it("is switched off first wherever the runtime is imported", () => {
    const files = ["src", "test", "bench"].flatMap((folder) => filesBelow(folder, ".ts"));
    const loading = files.map((file) => ({ file, ...loadsRuntime(readFileSync(file, "utf8")) })).filter(({ isLoaded }) => isLoaded);
    assert.ok(loading.length > 0);
    assert.deepEqual(
      loading.filter(({ isQuiet }) => !isQuiet).map(({ file }) => file),
      [],
    );
  });

  it("is seen when it is on, or switched off too late", () => {
    const [runtime, off] = ['import { env } from "onnxruntime-node";', 'import "../engine/noTelemetry.js";'];
    assert.deepEqual(loadsRuntime(`${off}\n${runtime}\n`), { isLoaded: true, isQuiet: true });
    assert.deepEqual(loadsRuntime(`${runtime}\n${off}\n`), { isLoaded: true, isQuiet: false });
    assert.deepEqual(loadsRuntime(`${runtime}\n`), { isLoaded: true, isQuiet: false });
  });
});
