import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** The three bundles; each names what stays outside it. */
const bundles = [
  { name: "extension", entry: "src/extension.ts", external: ["vscode"] },
  { name: "engine", entry: "src/engine/main.ts", external: ["onnxruntime-node"] },
  { name: "cli", entry: "src/cli/main.ts", external: ["@resvg/resvg-js", "typescript", "vega", "vega-lite"] },
];

process.chdir(import.meta.dirname);
mkdirSync("dist", { recursive: true });
await Promise.all(
  bundles.map(async ({ name, entry, external }) => {
    const { metafile } = await build({
      entryPoints: [entry],
      outfile: `dist/${name}.js`,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      external,
      metafile: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: "warning",
      logOverride: { "unsupported-require-call": "error", "empty-import-meta": "error" },
    });
    writeFileSync(`dist/${name}.meta.json`, JSON.stringify(metafile));
  }),
);
chmodSync("dist/cli.js", 0o755);

const written = bundles.flatMap(({ name }) => [`${name}.js`, `${name}.js.map`, `${name}.meta.json`]);
for (const file of readdirSync("dist")) if (!written.includes(file)) rmSync(`dist/${file}`, { recursive: true });
