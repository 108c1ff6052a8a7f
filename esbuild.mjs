import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** The three bundles; each names what stays outside it. */
const bundles = [
  { name: "extension", entry: "src/extension.ts", external: ["vscode"] },
  { name: "engine", entry: "src/engine/main.ts", external: ["onnxruntime-node"] },
  { name: "cli", entry: "src/cli/main.ts", external: [] },
];

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
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
      logLevel: "warning",
    });
    writeFileSync(`dist/${name}.meta.json`, JSON.stringify(metafile));
  }),
);
chmodSync("dist/cli.js", 0o755);
