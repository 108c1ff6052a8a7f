import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./execute.mjs";
import { usesDesktop } from "./editorSuites.mjs";
import { findPython, hasPackages } from "./pythonSuite.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const MINUTES = 12;

const isThere = (...parts) => existsSync(path.join(root, ...parts));
const onPath = (name) => (process.env.PATH ?? "").split(path.delimiter).some((folder) => folder !== "" && existsSync(path.join(folder, name)));

/** What is not there yet and will be: `[where, what, size and time]`. */
function missing() {
  const { editors, browser } = JSON.parse(readFileSync(path.join(root, "test", "vscode", "editor", "installs.json"), "utf8"));
  const rows = [];
  const add = (where, what, megabytes, seconds) => rows.push({ where, what, cost: `${megabytes} MB, about ${seconds} s` });
  if (!isThere("node_modules")) add("node_modules", "what builds and checks Lacuna, from npm", 520, 30);
  if (findPython() !== undefined && !hasPackages()) add(".venv", "Python packages for training/, PyTorch among them", "1000 to 6000", 180);
  const runsEditor = process.env.LACUNA_SKIP_EDITOR_TESTS !== "1";
  if (runsEditor && usesDesktop && !isThere(".cache", "desktop")) add(".cache/desktop", "a desktop VS Code", 500, 60);
  if (!runsEditor || usesDesktop) return rows;
  for (const [version, { codeServer, node, megabytes, seconds }] of Object.entries(editors)) {
    const where = [".cache", `editor-${codeServer}-${node}`];
    if (!isThere(...where)) add(where.join("/"), `VS Code without a window, from npm (${version} version)`, megabytes, seconds);
  }
  const where = [".cache", `browser-${browser.version}`];
  const isFound = (process.env.CHROME_PATH ?? "") !== "" || NAMES.some(onPath);
  if (!isFound && process.arch === "x64" && !isThere(...where))
    add(where.join("/"), "Chromium without a window, from npm", browser.megabytes, browser.seconds);
  return rows;
}

/** Says, before anything is done, how long all of it takes, and what is installed for it and where. */
export function announce() {
  const rows = missing();
  const widest = Math.max(0, ...rows.map(({ where }) => where.length));
  const lines = [
    `This runs everything there is to check: about ${MINUTES} minutes on two cores. LACUNA_SKIP_EDITOR_TESTS=1 leaves out the long part.`,
  ];
  if (rows.length > 0) lines.push("First, once, it installs here:");
  for (const { where, what, cost } of rows) lines.push(`  ${where.padEnd(widest)}  ${what} (${cost})`);
  if (process.env.LACUNA_TEST_INSTALL === "1")
    lines.push("LACUNA_TEST_INSTALL=1: apt-get may install a browser into the system if there is no other.");
  else
    lines.push(
      rows.length > 0 ? "Nothing is installed into the system, and deleting these folders undoes all of it." : "Nothing is to be installed.",
    );
  console.log(`${lines.join("\n")}\n`);
}
