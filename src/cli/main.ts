#!/usr/bin/env node
import { realpathSync } from "node:fs";
import path from "node:path";
import { EngineClient } from "../client/engineClient.js";
import { runLacuna } from "./runLacuna.js";

// A reader such as `head` may leave before everything is written: that is its right, not a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

void runLacuna(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  variables: process.env,
  // The script's own path, links such as node_modules/.bin/lacuna resolved.
  distDir: path.dirname(realpathSync(process.argv[1])),
  startEngine: (options) => EngineClient.start(options),
  onInterrupt: (listener) => {
    process.on("SIGINT", listener);
    return () => process.off("SIGINT", listener);
  },
}).then((code) => {
  process.exitCode = code;
});
