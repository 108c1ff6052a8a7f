import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Each folder of src: the folders and packages it may import, and whether it may touch the machine. */
const folders = {
  base: { folders: [], packages: [], isPure: true },
  protocol: { folders: ["base"], packages: ["vscode-jsonrpc"], isPure: true },
  decode: { folders: ["base"], packages: [], isPure: true },
  text: { folders: ["base", "protocol"], packages: ["@huggingface/tokenizers"], isPure: true },
  client: { folders: ["base", "protocol"], packages: ["vscode-jsonrpc"] },
  engine: { folders: ["base", "protocol", "decode", "text"], packages: ["vscode-jsonrpc"], data: ["../../package.json"] },
  convert: { folders: ["base", "protocol"], packages: ["pbf"] },
  host: { folders: ["base", "protocol", "client"], packages: ["vscode", "ignore"] },
  bench: { folders: ["base", "protocol", "client", "decode", "text"], packages: ["fastest-levenshtein", "vega-lite"] },
  cli: {
    folders: ["base", "protocol", "client", "convert", "engine", "bench", "decode", "text"],
    packages: ["commander", "picocolors", "cli-progress"],
    data: ["../../package.json"],
  },
};

/** Ways to reach a module that no import rule sees. */
const hiddenImports = [
  { selector: "ImportExpression", message: "Import at the top of the file, where the boundaries are checked." },
  { selector: "TSImportType", message: "Import the type at the top of the file, where the boundaries are checked." },
  { selector: "Identifier[name='getBuiltinModule']", message: "Import at the top of the file, where the boundaries are checked." },
];

const machineGlobals = [
  "process", "Buffer", "console", "global", "globalThis", "require", "module", "__dirname", "__filename",
  "Date", "performance", "crypto", "fetch", "WebSocket", "navigator",
  "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "clearTimeout", "clearInterval", "clearImmediate",
].map((name) => ({ name, message: "This folder is pure: no clock, no input or output, no machine." }));

const escape = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

function importRule({ folders: allowed, packages, data = [], isPure = false }, extra = []) {
  const targets = [
    "\\./[A-Za-z0-9]+\\.js$",
    ...allowed.map((name) => `\\.\\./${name}/`),
    // A package's other entries, such as vscode-jsonrpc/node, are its ways to the machine.
    ...[...packages, ...extra].map((name) => `${escape(name)}${isPure ? "$" : "(/|$)"}`),
    ...data.map((file) => `${escape(file)}$`),
    ...(isPure ? [] : ["node:(?!module$)"]),
  ];
  const names = [...allowed, ...packages, ...extra, ...(isPure ? [] : ["node:"])];
  const message = `Allowed here: ${names.join(", ") || "nothing but this folder"}.`;
  return ["error", { patterns: [{ regex: `^(?!${targets.join("|")})`, message }] }];
}

const folderRules = Object.entries(folders).map(([name, folder]) => ({
  files: [`src/${name}/**/*.ts`],
  rules: {
    "no-restricted-imports": importRule(folder),
    "no-restricted-syntax": ["error", ...hiddenImports],
    ...(folder.isPure && {
      "no-restricted-globals": ["error", ...machineGlobals],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Chance comes from a seeded generator that is passed in." },
      ],
    }),
  },
}));

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
const nodeGlobals = [
  "process", "console", "performance", "module", "AbortController",
  "setTimeout", "clearTimeout", "setInterval", "clearInterval",
];

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
  // The last matching entry of a rule replaces the earlier ones, so each file meets one import rule, its exceptions included.
  ...folderRules,
  // Development packages that a benchmark loads when it needs them: imported at the top they would have to ship.
  {
    files: ["src/bench/plotLibrary.ts", "src/bench/typescriptLibrary.ts", "src/bench/scriptHoles.ts"],
    rules: {
      "no-restricted-imports": importRule(folders.bench, ["vega", "@resvg/resvg-js", "typescript"]),
      "no-restricted-syntax": ["error", ...hiddenImports.filter(({ selector }) => selector !== "ImportExpression")],
    },
  },
  { files: ["src/engine/onnxSession.ts"], rules: { "no-restricted-imports": importRule(folders.engine, ["onnxruntime-node"]) } },
  {
    files: ["src/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(?!\\./(host|client)/|vscode$|node:path$)", message: "Allowed here: host, client, vscode, node:path." }] },
      ],
      "no-restricted-syntax": ["error", ...hiddenImports],
    },
  },
  { files: ["bench/**/*.ts"], rules: { "no-restricted-imports": importOfTests } },
);
