const entries = "^src/(extension|web|engine/main|server/main|cli/main)\\.ts$";

const rooms = require("./configs/imports.cjs");

/** Each package and the rooms it may be imported in. */
const homes = new Map();
for (const [room, { packages }] of Object.entries(rooms)) {
  for (const name of packages) homes.set(name, [...(homes.get(name) ?? []), room]);
}
/** The entries of the extension hold the editor's types. */
const entryOf = { vscode: "|^src/(extension|web)\\.ts$" };

/** Rooms within a room have entries of their own. */
const innerOf = (room) => Object.keys(rooms).filter((name) => name.startsWith(`${room}/`));
const inside = (room) => {
  const inner = innerOf(room).map((name) => name.slice(room.length + 1));
  return `${room}/${inner.length === 0 ? "" : `(?!(${inner.join("|")})/)`}`;
};

const error = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    error("no-cycle", "Modules that import each other, by type or by value, are one module.", {}, { circular: true }),
    error(
      "no-unreachable",
      "Every module is part of the extension, the engine or the command line.",
      { path: entries },
      {
        path: "^src/",
        pathNot: entries,
        reachable: false,
      },
    ),
    error("resolvable", "What is imported exists.", {}, { couldNotResolve: true, pathNot: "^vscode$" }),
    error(
      "known-room",
      "A folder of src is listed in configs/imports.cjs, with what it may import.",
      {},
      {
        path: "^src/[^/]+/",
        pathNot: `^src/(${Object.keys(rooms).join("|")})/`,
      },
    ),
    error("no-tests-in-product", "Nothing in src imports test or bench.", { path: "^src/" }, { path: "^(test|bench|training)/" }),
    error(
      "no-tests-in-bench",
      "Programs in bench stand on src, and on the editor that the tests run in.",
      { path: "^bench/" },
      {
        path: "^test/",
        pathNot: "^test/vscode/editor/",
      },
    ),
    error(
      "declared-packages",
      "What ships is a dependency, not a development dependency.",
      { path: "^src/" },
      {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "@types/vscode/|^vscode$",
      },
    ),
    error(
      "extension-entry",
      "The entry of the extension builds its parts from host and client.",
      { path: "^src/[^/]+\\.ts$" },
      {
        path: "^src/",
        pathNot: "^src/(host|client)/",
      },
    ),
    error("no-import-of-entries", "Entries import; nothing in src imports them.", { path: "^src/" }, { path: entries }),
    ...Object.entries(rooms).map(([room, { folders }]) =>
      error(
        `${room.replace("/", "-")}-imports`,
        `${room} may import: ${folders.join(", ") || "nothing"}.`,
        { path: `^src/${inside(room)}` },
        {
          path: "^src/",
          pathNot: `^src/(${[`${room}/`, ...folders.map(inside)].join("|")})`,
        },
      ),
    ),
    ...[...homes].map(([name, allowed]) =>
      error(
        `home-of-${name.replaceAll(/[^a-z]+/g, "-")}`,
        `Only ${allowed.join(", ")} may import it.`,
        {
          path: "^src/",
          pathNot: `^src/(${allowed.join("|")})/${entryOf[name] ?? ""}`,
        },
        { path: `^${name}$|node_modules/(@types/)?${name}/` },
      ),
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types", "default"] },
  },
};
