/**
 * Races drafting against plain decoding on several files and writes a record.
 *
 *     npx tsx bench/race.ts --out bench/records/DATE_NAME FILE@L:C [FILE@L:C ...]
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeRecord } from "./record.js";

interface Race {
  readonly identical: boolean;
  readonly identicalToPlain: boolean;
  readonly speedup: number;
  readonly tokens: number;
  readonly ar: { readonly tokensPerSecond: number };
  readonly deer: { readonly tokensPerSecond: number; readonly meanAccepted: number };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string" }, rounds: { type: "string", default: "5" }, "max-tokens": { type: "string", default: "128" } },
});
if (values.out === undefined || positionals.length === 0) {
  process.stderr.write("usage: tsx bench/race.ts --out DIR FILE@L:C [FILE@L:C ...]\n");
  process.exit(2);
}

const results = positionals.map((place) => {
  const [, file, at] = /^(.*)@(\d+:\d+)$/.exec(place) ?? ["", place, ""];
  const command = ["dist/cli.js", "race", file, "--at", at, "--rounds", values.rounds, "--max-tokens", values["max-tokens"], "--json"];
  const output = execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const race = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Race;
  // The record names a file by its package's folder and its hash; where it lies on this machine is nobody's business.
  const name = file.split(path.sep).slice(-2).join("/");
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  const readout = `${race.speedup.toFixed(2)}x, ${race.deer.meanAccepted.toFixed(2)} tokens a verify, identical ${race.identical}`;
  process.stdout.write(`${name} ${at}: ${readout}\n`);
  return { file: name, sha256, at, race };
});

writeRecord(values.out, `npx tsx bench/race.ts --rounds ${values.rounds} --max-tokens ${values["max-tokens"]}`, results);
