import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const table = createRequire(import.meta.url)("./imports.cjs");
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const slashes = (file) => file.replaceAll(path.sep, "/");

/** The entry of the import table that a path below src belongs to: the longest prefix. */
export function roomOf(file) {
  const names = Object.keys(table).filter((name) => file.startsWith(`src/${name}/`));
  return names.sort((a, b) => b.length - a.length)[0];
}

/** Whether an import goes where the table lets it. @param target path from the root, or the name of a package */
export function isAllowed(from, target, isRelative) {
  const room = roomOf(from);
  if (room === undefined) return true;
  const { folders, packages, data = [], isPure = false } = table[room];
  if (!isRelative) {
    if (target.startsWith("node:")) return !isPure && target !== "node:module";
    // A package's other entries, such as vscode-jsonrpc/node, are its ways to the machine.
    return packages.some((name) => target === name || (!isPure && target.startsWith(`${name}/`)));
  }
  if (data.includes(target)) return true;
  const goal = roomOf(target.replace(/\.js$/, ".ts"));
  // A room sees itself and the rooms within it; others as they are named.
  return goal !== undefined && (goal === room || goal.startsWith(`${room}/`) || folders.includes(goal));
}

/** ESLint: every import and re-export keeps to the import table. */
export default {
  meta: { type: "problem", schema: [] },
  create(context) {
    const from = slashes(path.relative(root, context.filename));
    const check = (node) => {
      if (node.source === null || node.source === undefined || typeof node.source.value !== "string") return;
      const wanted = node.source.value;
      const isRelative = wanted.startsWith(".");
      const target = isRelative ? slashes(path.relative(root, path.resolve(path.dirname(context.filename), wanted))) : wanted;
      if (isAllowed(from, target, isRelative)) return;
      const { folders, packages } = table[roomOf(from)];
      const message = `${roomOf(from)} may import ${[...folders, ...packages].join(", ") || "nothing but itself"}; not ${target}.`;
      context.report({ node, message });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
