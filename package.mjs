import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { execute } from "./test/run/execute.mjs";

const root = path.dirname(fileURLToPath(import.meta.url));
const RUNTIME = "node_modules/onnxruntime-node/bin/napi-v6";
const LIMIT_BYTES = 150e6;

const WINDOWS_FILES = ["DirectML.dll", "dxcompiler.dll", "dxil.dll", "onnxruntime.dll", "onnxruntime_binding.node"];
/** Each platform that the runtime has a binary for, and the files it needs; the providers for NVIDIA's libraries are none of them. */
const runtimeFiles = {
  "linux-x64": ["linux/x64/libonnxruntime.so.1", "linux/x64/onnxruntime_binding.node"],
  "linux-arm64": ["linux/arm64/libonnxruntime.so.1", "linux/arm64/onnxruntime_binding.node"],
  // The second library beside these two is the same one under its full version; nothing loads it by that name.
  "darwin-arm64": ["darwin/arm64/libonnxruntime.1.dylib", "darwin/arm64/onnxruntime_binding.node"],
  "win32-x64": WINDOWS_FILES.map((file) => `win32/x64/${file}`),
  "win32-arm64": WINDOWS_FILES.map((file) => `win32/arm64/${file}`),
};
/** Why a platform is missing above, where people will ask. */
const missing = { "darwin-x64": ": onnxruntime-node comes with no binary for Macs with an Intel processor" };

export const targets = Object.keys(runtimeFiles);
export const ownTarget = `${process.platform}-${process.arch}`;

const usage = `usage: npm run package -- [--target PLATFORM] [--out FILE]

Builds the extension and packs it with the native runtime of one platform.

  --target PLATFORM  one of ${targets.join(", ")}; default: the one this runs on, ${ownTarget}
  --out FILE         where to write it; default: NAME-VERSION-PLATFORM.vsix in this folder
`;

/** The extension's page, as the editor shows it: what is not packed with it can be no link there. */
const PAGE = "dist/README.md";

/** README without links to files that are not in the package. */
function writePage() {
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  const page = readme.replace(/(?<!!)\[([^\]]+)\]\((?!https?:)[^)]+\)/g, "$1");
  const file = path.join(root, PAGE);
  // Several platforms are packed side by side.
  if (!existsSync(file) || readFileSync(file, "utf8") !== page) writeFileSync(file, page);
}

/** Writes the extension for one platform, from what `dist` holds now, to `packagePath`. @returns its size in bytes */
export async function packageFor(target, packagePath) {
  // Only here: help needs no more than Node.
  const { createVSIX } = await import("@vscode/vsce");
  const runtime = runtimeFiles[target].map((file) => `${RUNTIME}/${file}`);
  for (const file of runtime) statSync(path.join(root, file));
  writePage();
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-package-"));
  try {
    const ignoreFile = path.join(folder, "ignore");
    const always = readFileSync(path.join(root, ".vscodeignore"), "utf8");
    writeFileSync(ignoreFile, `${always}\n${runtime.map((file) => `!${file}\n`).join("")}`);
    const how = { allowMissingRepository: true, rewriteRelativeLinks: false, readmePath: PAGE };
    await createVSIX({ cwd: root, target, packagePath, ignoreFile, ...how });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { size } = statSync(packagePath);
  if (size > LIMIT_BYTES) throw new Error(`${packagePath} has ${size} bytes, more than ${LIMIT_BYTES}.`);
  return size;
}

async function main() {
  const options = { target: { type: "string", default: ownTarget }, out: { type: "string" }, help: { type: "boolean", short: "h", default: false } };
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const { target } = values;
  if (!targets.includes(target)) throw new Error(`There is no runtime for ${target}${missing[target] ?? ""}. Targets: ${targets.join(", ")}.`);
  const built = await execute(process.execPath, [path.join(root, "esbuild.mjs")]);
  if (built.code !== 0) throw new Error(`The build failed:\n${built.output}`);
  const { name, version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const file = path.resolve(values.out ?? path.join(root, `${name}-${version}-${target}.vsix`));
  const size = await packageFor(target, file);
  console.log(`${path.relative(process.cwd(), file)}: ${(size / 1e6).toFixed(1)} MB`);
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
