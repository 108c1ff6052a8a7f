import { EngineClient } from "../client/engineClient.js";
import type { Environment } from "./environment.js";
import { systemFailure } from "./systemFailure.js";

/** What a command line run as a process of its own touches. @param distDir folder of the built program; @param command how it is started */
export function processEnvironment(distDir: string, command: string): Environment {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader such as `head` may leave before everything is written: that is its right, not a failure.
    if (error.code === "EPIPE") process.exit(0);
    const { message, remedy } = systemFailure(error, "The output") ?? { message: error.message, remedy: "Send the output somewhere else." };
    process.stderr.write(`${message}\n${remedy}\n`);
    process.exit(1);
  });
  // What cannot be said here can be said nowhere.
  process.stderr.on("error", () => {});
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    command,
    variables: process.env,
    distDir,
    startEngine: (options) => EngineClient.start(options),
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
  };
}
