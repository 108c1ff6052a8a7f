import js from "@eslint/js";
import { createRequire } from "node:module";
import tseslint from "typescript-eslint";
import importRule from "./configs/importRule.mjs";

const rooms = createRequire(import.meta.url)("./configs/imports.cjs");

/** Ways to reach a module that no import rule sees. */
const hiddenImports = [
  { selector: "ImportExpression", message: "Import at the top of the file, where the boundaries are checked." },
  { selector: "TSImportType", message: "Import the type at the top of the file, where the boundaries are checked." },
  { selector: "Identifier[name='getBuiltinModule']", message: "Import at the top of the file, where the boundaries are checked." },
];

const machineGlobals = [
  "process",
  "Buffer",
  "console",
  "global",
  "globalThis",
  "require",
  "module",
  "__dirname",
  "__filename",
  "Date",
  "performance",
  "crypto",
  "fetch",
  "WebSocket",
  "navigator",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "clearTimeout",
  "clearInterval",
  "clearImmediate",
].map((name) => ({ name, message: "This folder is pure: no clock, no input or output, no machine." }));

const pureRules = {
  "no-restricted-globals": ["error", ...machineGlobals],
  "no-restricted-properties": ["error", { object: "Math", property: "random", message: "Chance comes from a seeded generator that is passed in." }],
};

const pureFolders = Object.entries(rooms)
  .filter(([, { isPure }]) => isPure === true)
  .map(([name]) => `src/${name}/**/*.ts`);

const typedRules = {
  "@typescript-eslint/await-thenable": "error",
  "@typescript-eslint/consistent-type-exports": "error",
  "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
  "@typescript-eslint/no-deprecated": "error",
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/no-misused-promises": "error",
  "@typescript-eslint/no-non-null-assertion": "off",
  "@typescript-eslint/no-unnecessary-type-assertion": "error",
  "@typescript-eslint/only-throw-error": "error",
  "@typescript-eslint/prefer-promise-reject-errors": "error",
  "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
  "@typescript-eslint/switch-exhaustiveness-check": "error",
};

/** What the build scripts use. */
const nodeGlobals = ["process", "console", "performance", "module", "AbortController", "setTimeout", "clearTimeout", "setInterval", "clearInterval"];

const importOfTests = [
  "error",
  { patterns: [{ regex: "/test/(?!vscode/editor/)", message: "Programs in bench stand on src, and on the editor that the tests run in." }] },
];

export default tseslint.config(
  { ignores: ["dist/", "training/", "media/", "models/", ".venv/", ".cache/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: Object.fromEntries(nodeGlobals.map((name) => [name, "readonly"])),
    },
  },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...typedRules,
      eqeqeq: "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      // Control characters are what a terminal program looks for.
      "no-control-regex": "off",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "prefer-const": "error",
    },
  },
  // These two ask for the type of every expression: on tests they cost more time than all others together, and find nothing there.
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-misused-promises": "off", "@typescript-eslint/no-deprecated": "off" },
  },
  {
    files: ["src/**/*.ts"],
    plugins: { lacuna: { rules: { imports: importRule } } },
    rules: { "lacuna/imports": "error", "no-restricted-syntax": ["error", ...hiddenImports] },
  },
  { files: pureFolders, rules: pureRules },
  {
    files: ["src/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(?!\\./(host|client)/|vscode$|node:path$)", message: "Allowed here: host, client, vscode, node:path." }] },
      ],
    },
  },
  { files: ["bench/**/*.ts"], rules: { "no-restricted-imports": importOfTests } },
);
