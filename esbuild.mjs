import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as esbuild from "esbuild";
import { modelNoticesOf, noticesOf } from "./notices.mjs";

/** The bundles; each names what stays outside it. */
const bundles = [
  { name: "extension", entry: "src/extension.ts", external: ["vscode"] },
  { name: "web", entry: "src/web.ts", external: ["vscode"], platform: "browser" },
  { name: "engine", entry: "src/engine/main.ts", external: ["onnxruntime-node"] },
  { name: "server", entry: "src/server/main.ts", external: [] },
  { name: "cli", entry: "src/cli/main.ts", external: [] },
];

process.chdir(import.meta.dirname);

/** Names what the bundles are made of: two that were built together, and none else, speak to each other. */
function buildId() {
  const sources = readdirSync("src", { recursive: true }).filter((file) => file.endsWith(".ts"));
  const hash = createHash("sha256");
  for (const file of [...sources.map((each) => `src/${each}`).sort(), "package.json", "package-lock.json"]) {
    hash.update(`${file.replaceAll("\\", "/")}\0`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

const id = buildId();
mkdirSync("dist", { recursive: true });
const metafiles = await Promise.all(
  bundles.map(async ({ name, entry, external, platform = "node" }) => {
    const { metafile } = await esbuild.build({
      entryPoints: [entry],
      outfile: `dist/${name}.js`,
      bundle: true,
      platform,
      target: platform === "node" ? "node20" : "es2022",
      format: "cjs",
      external,
      define: { LACUNA_BUILD: JSON.stringify(id) },
      metafile: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: "warning",
      logOverride: { "unsupported-require-call": "error", "empty-import-meta": "error" },
    });
    writeFileSync(`dist/${name}.meta.json`, JSON.stringify(metafile));
    return metafile;
  }),
);
writeFileSync("dist/ThirdPartyNotices.txt", noticesOf(metafiles) + modelNoticesOf("models"));
chmodSync("dist/cli.js", 0o755);

const written = ["ThirdPartyNotices.txt", ...bundles.flatMap(({ name }) => [`${name}.js`, `${name}.js.map`, `${name}.meta.json`])];
for (const file of readdirSync("dist")) if (!written.includes(file)) rmSync(`dist/${file}`, { recursive: true });
