#!/usr/bin/env node
import { realpathSync } from "node:fs";
import path from "node:path";
import { commandName } from "./commandName.js";
import { processEnvironment } from "./processEnvironment.js";
import { runLacuna } from "./runLacuna.js";

// The script's own path, links such as node_modules/.bin/lacuna resolved.
const distDir = path.dirname(realpathSync(process.argv[1]));
void runLacuna(process.argv.slice(2), processEnvironment(distDir, commandName(process.argv[1], process.cwd()))).then((code) => {
  process.exitCode = code;
});
