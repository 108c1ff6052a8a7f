import assert from "node:assert/strict";
import { runWith } from "./runWith.js";

/** Options that a command would not keep are wrong usage, and not passed over. */
describe("options that cannot be kept", () => {
  const table: [args: string[], sentence: RegExp][] = [
    [["infill", "-", "--at", "1:1", "--min-tokens", "20", "--max-lines", "1"], /--min-tokens and --max-lines cannot both be kept/],
    [["infill", "-", "--at", "1:1", "--method", "ar", "--deadline", "5"], /--deadline is for --method auto/],
    [["doctor", "--server-model", "x"], /--server-model is for a server; name it with --server/],
    [["doctor", "--server-key", "x"], /--server-key is for a server/],
    [["doctor", "--server-format", "auto"], /--server-format is for a server/],
    [["import", "x", "--out", ""], /must not be empty/],
    [["import", "x", "--name", ""], /must be a line of text/],
    [["import", "x", "--name", "a\nb"], /must be a line of text/],
    [["--models", "", "doctor"], /must not be empty/],
    [["complete", "-", "--at", "1:1", "--bogus"], /unknown option '--bogus'[^]*--help/],
    [["complete", "-"], /required option '--at <line:column>' not specified[^]*--help/],
  ];
  for (const [args, sentence] of table) {
    it(args.join(" "), async () => {
      const { exitCode, stderr } = await runWith(args);
      assert.equal(exitCode, 2);
      assert.match(stderr, sentence);
    });
  }
});
