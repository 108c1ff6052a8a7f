import { reporters } from "mocha";

/** Mocha's JSON report, and a line on stderr when an outermost `describe` ends, for the one who waits. */
export default class PartsReporter extends reporters.JSON {
  constructor(runner, options) {
    super(runner, options);
    runner.on("suite end", ({ title, parent }) => {
      if (parent?.root === true) process.stderr.write(`part: ${title}\n`);
    });
  }
}
