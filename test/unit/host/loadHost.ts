import { fileURLToPath } from "node:url";
import { build } from "esbuild";

let loads = 0;

/**
 * The host's own code with a stub for the editor, each time a new one.
 *
 * @param modules what to load by its file below src, such as `{ "host/models": "Models" }`
 * @param stub a file of this folder that stands for the module `vscode`
 * @returns what was named, and the stub as `editor`
 */
export async function loadHost<T>(modules: Readonly<Record<string, string>>, stub: string): Promise<T> {
  const exports = Object.entries(modules).map(([file, name]) => `export { ${name} } from "./src/${file}.js";`);
  const { outputFiles } = await build({
    stdin: {
      contents: `${exports.join("")} export * as editor from "vscode";`,
      resolveDir: fileURLToPath(new URL("../../..", import.meta.url)),
      loader: "ts",
    },
    alias: { vscode: fileURLToPath(new URL(stub, import.meta.url)) },
    // For packages that are no modules.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(import.meta.url)});` },
    ...{ bundle: true, write: false, format: "esm", platform: "node", logLevel: "silent" },
  });
  const code = `${outputFiles[0].text}\n//${(loads += 1)}`;
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as T;
}
