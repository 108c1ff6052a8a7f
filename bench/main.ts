import path from "node:path";
import { processEnvironment } from "../src/cli/processEnvironment.js";
import { runLacuna } from "../src/cli/runLacuna.js";
import { BENCH } from "./commands/commandLine.js";

const distDir = path.resolve(import.meta.dirname, "../dist");
void runLacuna(process.argv.slice(2), processEnvironment(distDir, "npm run bench --"), BENCH).then((code) => {
  process.exitCode = code;
});
