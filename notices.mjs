import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/** Packages that ship beside the bundles. */
const BESIDE = ["onnxruntime-node", "onnxruntime-common"];
/** Of this project: what is under it needs no notice. */
const OWN_LICENCE = "MIT";
const RULE = `\n${"-".repeat(80)}\n\n`;

/** The licence notices of all packages that went into bundles, or lie beside them, from the bundles' metafiles. */
export function noticesOf(metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const bundled = inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter((name) => name !== undefined);
  const names = [...new Set([...bundled, ...BESIDE])].sort();
  return names.map(noticeOf).join(RULE);
}

/**
 * The notices of the models in a folder that are under another licence than this project: beside the card of each lie the text of its
 * licence, LICENSE, and what was changed and by whom, NOTICE. "" where there is no such model.
 */
export function modelNoticesOf(folder) {
  const { models } = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
  const others = models.filter(({ licence }) => licence !== OWN_LICENCE);
  // A reader lies beside its verifier, and what stands there is said of both.
  const places = new Map(others.map(({ graph }) => [path.dirname(graph.path), []]));
  for (const model of others) places.get(path.dirname(model.graph.path)).push(model);
  return [...places].map(([place, there]) => `${RULE}${modelNoticeOf(path.join(folder, place), there)}`).join("");
}

function modelNoticeOf(place, models) {
  const heads = models.map(({ name, licence, origin }) => `${name}\nLicence: ${licence}\n${origin}\n`);
  const texts = ["NOTICE", "LICENSE"].map((file) => {
    const { name, licence } = models[0];
    const text = path.join(place, file);
    if (!existsSync(text)) throw new Error(`${name} is under ${licence} and has no ${text}.`);
    return readFileSync(text, "utf8").trim();
  });
  return `${heads.join("\n")}\n${texts.join("\n\n")}\n`;
}

function noticeOf(name) {
  const folder = `node_modules/${name}`;
  const { version, license, repository } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  if (license === undefined) throw new Error(`${name} does not say under which licence it may be shipped.`);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  return `${name} ${version}\nLicence: ${license}\n${repository?.url ?? repository ?? ""}\n${text}`;
}
