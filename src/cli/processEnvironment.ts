import { EngineClient } from "../client/engineClient.js";
import type { Environment } from "./environment.js";

/** What a command line run as a process of its own touches. @param distDir folder of the built program */
export function processEnvironment(distDir: string): Environment {
  // A reader such as `head` may leave before everything is written: that is its right, not a failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    distDir,
    startEngine: (options) => EngineClient.start(options),
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
  };
}
