import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** The folder of the project. */
export const root = path.resolve(import.meta.dirname, "../..");
const LIMIT_MS = 5 * 60_000;

const running = new Set();

function killTree(child, signal) {
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It is gone already.
  }
}

/** Ends everything that was started, and this process, at Ctrl-C (exit code 130), a termination request (143) or when its terminal goes (129). */
export function endChildrenOnSignals() {
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.on(signal, () => {
      for (const child of running) killTree(child, "SIGKILL");
      process.exit(code);
    });
  }
}

/** What ended processes started themselves may write for some time after them; what they still write then is left, and no reason to fail. */
function removeAll(folder) {
  // Every try lists it anew, which Node's own retries do not.
  for (let tries = 25; tries > 0; tries -= 1) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch {
      // It lies in the system's folder for temporary files, or in .cache.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

let temporary;

/** Has everything that is started use a temporary folder that goes when this process ends, however it ends. @returns its path */
export function useOwnTemporaryFolder() {
  if (temporary !== undefined) return temporary;
  // The system's own is so long on a Mac that no socket could have its path in this one.
  temporary = mkdtempSync(path.join(process.platform === "darwin" ? "/tmp" : os.tmpdir(), "lacuna-"));
  for (const name of ["TMPDIR", "TMP", "TEMP"]) process.env[name] = temporary;
  // What has to lie in .cache for a while bears the name of this run.
  const run = path.basename(temporary);
  process.env.LACUNA_TEST_RUN = run;
  process.on("exit", () => {
    removeAll(temporary);
    const cache = path.join(root, ".cache");
    for (const name of existsSync(cache) ? readdirSync(cache) : []) if (name.includes(run)) removeAll(path.join(cache, name));
  });
  return temporary;
}

/** Runs a program to its end in a process group of its own. Never rejects: what goes wrong is in `code` (null) and `output`. */
export function execute(command, args, { limitMs = LIMIT_MS, env = process.env, shell = false, signal, onLine } = {}) {
  return new Promise((resolve) => {
    const detached = process.platform !== "win32";
    const child = spawn(command, args, { cwd: root, env, shell, detached, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let [stdout, output] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => ((stdout += text), (output += text)));
    child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
    if (onLine !== undefined) createInterface({ input: child.stderr }).on("line", onLine);
    const limit = setTimeout(() => {
      output += `\n${path.basename(command)} was ended: it took longer than ${limitMs / 1000} s.\n`;
      killTree(child, "SIGKILL");
    }, limitMs);
    signal?.addEventListener("abort", () => killTree(child, "SIGKILL"));
    const end = (code) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ code, stdout, output });
    };
    child.once("error", (error) => {
      output += error.message;
      end(null);
    });
    child.once("close", end);
  });
}
