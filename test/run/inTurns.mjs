/**
 * Runs npm scripts one after the other, shows what they print, and ends with the line that sums up theirs: node inTurns.mjs SCRIPT ...
 * A script that fails, or ends without such a line, does not keep the next one from running.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { readTotals, sumOf, totalsLine } from "./totals.mjs";

const isWindows = process.platform === "win32";
let child;
let stopped;

function run(script) {
  return new Promise((resolve) => {
    child = spawn("npm", ["--silent", "run", script], { stdio: ["ignore", "pipe", "inherit"], shell: isWindows });
    let last = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      console.log(line);
      if (line.trim() !== "") last = line;
    });
    child.once("error", (error) => {
      console.error(error.message);
      resolve({ passed: 0, failed: 1 });
    });
    child.once("close", (code) => {
      const totals = readTotals(last);
      if (totals === undefined) console.log(`npm run ${script} ended without saying how many tests passed.`);
      const isFailure = totals === undefined || (code !== 0 && totals.failed === 0);
      resolve(sumOf([totals ?? {}, { failed: isFailure ? 1 : 0 }]));
    });
  });
}

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => {
    stopped = code;
    child?.kill(signal);
  });
}

const parts = [];
for (const script of process.argv.slice(2)) {
  if (stopped !== undefined) break;
  console.log(`npm run ${script}`);
  parts.push(await run(script));
  console.log("");
}
const totals = sumOf(parts);
console.log(totalsLine(totals));
process.exitCode = stopped ?? (totals.failed > 0 || parts.length === 0 ? 1 : 0);
