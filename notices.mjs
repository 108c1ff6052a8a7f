import { readFileSync, readdirSync } from "node:fs";

/** Packages that ship beside the bundles. */
const BESIDE = ["onnxruntime-node", "onnxruntime-common"];

/** The licence notices of all packages that went into bundles, or lie beside them, from the bundles' metafiles. */
export function noticesOf(metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const bundled = inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter((name) => name !== undefined);
  const names = [...new Set([...bundled, ...BESIDE])].sort();
  return names.map(noticeOf).join(`\n${"-".repeat(80)}\n\n`);
}

function noticeOf(name) {
  const folder = `node_modules/${name}`;
  const { version, license, repository } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  if (license === undefined) throw new Error(`${name} does not say under which licence it may be shipped.`);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  return `${name} ${version}\nLicence: ${license}\n${repository?.url ?? repository ?? ""}\n${text}`;
}
