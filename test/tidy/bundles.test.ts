import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";

type Name = "extension" | "web" | "engine" | "server" | "cli";

interface Contents {
  readonly bytes: number;
  /** Files that went in. */
  readonly inputs: readonly string[];
  /** Modules that stayed outside. */
  readonly externals: readonly string[];
}

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { bytes: number; inputs: Readonly<Record<string, unknown>>; imports: readonly { path: string; external?: boolean }[] }>
  >;
}

const KIBIBYTE = 1024;
const RULES: Record<Name, { external: readonly string[]; never: RegExp; limitBytes: number }> = {
  extension: { external: ["vscode"], never: /^src\/(engine|decode|convert|cli)\//, limitBytes: 440 * KIBIBYTE },
  web: { external: ["vscode"], never: /^(src\/(client|engine|decode|text|convert|cli)\/|node_modules\/)/, limitBytes: 16 * KIBIBYTE },
  engine: { external: ["onnxruntime-node"], never: /^src\/(extension\.ts|host\/|client\/|convert\/|cli\/)/, limitBytes: 528 * KIBIBYTE },
  server: { external: [], never: /^src\/(extension\.ts|host\/|client\/|engine\/|models\/|convert\/|cli\/)/, limitBytes: 288 * KIBIBYTE },
  cli: {
    external: [],
    never: /^src\/(extension\.ts|host\/|engine\/(runtime|models\/onnx|main|service))/,
    limitBytes: 896 * KIBIBYTE,
  },
};
const NEVER_IN_ANY = /^(test|bench|training)\/|node_modules\/(onnxruntime-|@types\/|typescript\/)/;

function bundleProblems(name: Name, { bytes, inputs, externals }: Contents): string[] {
  const { external, never, limitBytes } = RULES[name];
  const isBuiltin = (path: string): boolean => builtinModules.includes(path.replace(/^node:/, ""));
  const outside = [...new Set(externals.filter((path) => !isBuiltin(path)))];
  return [
    ...(bytes > limitBytes ? [`${name}: ${bytes} bytes, more than ${limitBytes}`] : []),
    ...inputs.filter((file) => never.test(file) || NEVER_IN_ANY.test(file)).map((file) => `${name}: holds ${file}`),
    ...outside.filter((path) => !external.includes(path)).map((path) => `${name}: loads ${path}`),
    ...external.filter((path) => !outside.includes(path)).map((path) => `${name}: does not load ${path}`),
  ];
}

function contentsOf(name: Name): Contents {
  const { outputs } = JSON.parse(readFileSync(`dist/${name}.meta.json`, "utf8")) as Metafile;
  const { bytes, inputs, imports } = outputs[`dist/${name}.js`];
  assert.equal(bytes, statSync(`dist/${name}.js`).size, "the metafile is of another build");
  return { bytes, inputs: Object.keys(inputs), externals: imports.filter(({ external }) => external).map(({ path }) => path) };
}

describe("bundles", () => {
  for (const name of ["extension", "web", "engine", "server", "cli"] as const) {
    it(`hold what belongs into ${name} and load nothing else`, () => {
      const contents = contentsOf(name);
      assert.ok(contents.inputs.length > 0);
      assert.deepEqual(bundleProblems(name, contents), []);
    });
  }

  it("are refused with a foreign folder, a foreign package, a test or too many bytes", () => {
    const extension: Contents = { bytes: 1, inputs: ["src/extension.ts"], externals: ["vscode", "node:path"] };
    const problems = (change: Partial<Contents>): string[] => bundleProblems("extension", { ...extension, ...change });
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ externals: ["vscode", "onnxruntime-node"] }), ["extension: loads onnxruntime-node"]);
    assert.deepEqual(problems({ externals: [] }), ["extension: does not load vscode"]);
    for (const file of ["src/decode/infill/canvas.ts", "src/engine/service.ts", "src/convert/convert.ts", "test/unit/fake.ts", "bench/run.ts"]) {
      assert.deepEqual(problems({ inputs: [file] }), [`extension: holds ${file}`]);
    }
    assert.equal(problems({ bytes: 10 ** 6 }).length, 1);
    const runtime = { bytes: 1, inputs: ["src/engine/runtime/onnxSession.ts"], externals: ["vscode"] };
    assert.deepEqual(bundleProblems("cli", runtime), ["cli: holds src/engine/runtime/onnxSession.ts", "cli: loads vscode"]);
  });
});
