const entries = "^src/(extension|web|engine/main|cli/main)\\.ts$";

/** Each folder of src and the folders it may import, types included. */
const allowed = {
  base: [],
  protocol: ["base"],
  decode: ["base"],
  text: ["base", "protocol"],
  client: ["base", "protocol"],
  engine: ["base", "protocol", "decode", "text"],
  convert: ["base", "protocol"],
  host: ["base", "protocol", "client"],
  bench: ["base", "protocol", "client", "decode", "text"],
  cli: ["base", "protocol", "client", "convert", "engine", "bench", "decode", "text"],
};

/** Packages with one place of use. */
const packageHomes = {
  "onnxruntime-(node|common)": "^src/engine/onnxSession\\.ts$",
  vscode: "^src/(host/|(extension|web)\\.ts$)",
  "vscode-jsonrpc": "^src/(protocol|client|engine)/",
  "@huggingface/tokenizers": "^src/text/",
  ignore: "^src/host/",
  pbf: "^src/convert/",
  "fastest-levenshtein|vega-lite": "^src/bench/",
  typescript: "^src/bench/(typescriptLibrary|scriptHoles)\\.ts$",
  "vega|@resvg/resvg-js": "^src/bench/plotLibrary\\.ts$",
  "commander|picocolors|cli-progress": "^src/cli/",
};

/** Development packages that a benchmark loads when it needs them, and says how to install. */
const onDemand = "vega|vega-lite|@resvg/resvg-js|typescript";

const error = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    error("no-cycle", "Modules that import each other, by type or by value, are one module.", {}, { circular: true }),
    error("no-unreachable", "Every module is part of the extension, the engine or the command line.", { path: entries }, {
      path: "^src/",
      pathNot: entries,
      reachable: false,
    }),
    error("resolvable", "What is imported exists.", {}, { couldNotResolve: true, pathNot: "^vscode$" }),
    error("known-folder", "A folder of src is listed in this file, with what it may import.", {}, {
      path: "^src/[^/]+/",
      pathNot: `^src/(${Object.keys(allowed).join("|")})/`,
    }),
    error("no-tests-in-product", "Nothing in src imports test or bench.", { path: "^src/" }, { path: "^(test|bench|training)/" }),
    error("no-tests-in-bench", "Programs in bench stand on src, and on the editor that the tests run in.", { path: "^bench/" }, {
      path: "^test/",
      pathNot: "^test/vscode/editor/",
    }),
    error("declared-packages", "What ships is a dependency, not a development dependency.", { path: "^src/" }, {
      dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
      pathNot: `@types/vscode/|^vscode$|node_modules/(${onDemand})/`,
    }),
    error("extension-entry", "The entry of the extension builds its parts from host and client.", { path: "^src/[^/]+\\.ts$" }, {
      path: "^src/",
      pathNot: "^src/(host|client)/",
    }),
    error("no-import-of-entries", "Entries import; nothing in src imports them.", { path: "^src/" }, { path: entries }),
    ...Object.entries(allowed).map(([folder, targets]) =>
      error(`${folder}-imports`, `${folder} may import: ${targets.join(", ") || "nothing"}.`, { path: `^src/${folder}/` }, {
        path: "^src/",
        pathNot: `^src/(${[folder, ...targets].join("|")})/`,
      }),
    ),
    ...Object.entries(packageHomes).map(([packages, home]) =>
      error(`home-of-${packages.replaceAll(/[^a-z]+/g, "-")}`, `Only ${home} may import it.`, { path: "^src/", pathNot: home }, {
        path: `^(${packages})$|node_modules/(@types/)?(${packages})/`,
      }),
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types", "default"] },
  },
};
