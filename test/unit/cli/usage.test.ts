import assert from "node:assert/strict";
import { BENCH } from "../../../bench/commands/commandLine.js";
import { LACUNA } from "../../../src/cli/program.js";
import { runWith } from "./runWith.js";

const WRONG: readonly [claim: string, args: string[], message: RegExp][] = [
  ["no command", [], /Usage: lacuna/],
  ["an unknown command", ["fill"], /unknown command/],
  ["an unknown option", ["doctor", "--fast"], /unknown option/],
  ["no file", ["infill", "--at", "1:1"], /missing required argument 'file'/],
  ["two files", ["complete", "a", "b", "--at", "1:1"], /too many arguments/],
  ["no --at", ["complete", "-"], /--at/],
  ["a position that is none", ["infill", "-", "--at", "1"], /LINE:COLUMN/],
  ["--to before --at", ["infill", "-", "--at", "2:1", "--to", "1:9"], /--to comes before --at/],
  ["an unknown method", ["infill", "-", "--at", "1:1", "--method", "magic"], /must be auto, ar, lr/],
  ["a length where none belongs", ["infill", "-", "--at", "1:1", "--method", "lr:3"], /must be auto, ar, lr/],
  ["fixed without a length", ["infill", "-", "--at", "1:1", "--method", "fixed"], /must be auto, ar, lr/],
  ["longer and shorter at once", ["infill", "-", "--at", "1:1", "--longer", "--shorter"], /cannot be used with/],
  ["no line at all", ["infill", "-", "--at", "1:1", "--max-lines", "0"], /--max-lines/],
  ["a shortest text above the longest", ["infill", "-", "--at", "1:1", "--min-tokens", "9", "--max-tokens", "8"], /--min-tokens is greater/],
  ["an unknown decoder", ["complete", "-", "--at", "1:1", "--decoder", "magic"], /Allowed choices are deer, ar/],
  ["no tokens", ["complete", "-", "--at", "1:1", "--max-tokens", "0"], /from 1 to 1024/],
  ["more tokens than the engine allows", ["infill", "-", "--at", "1:1", "--max-tokens", "1025"], /from 1 to 1024/],
  ["a negative temperature", ["infill", "-", "--at", "1:1", "--temperature", "-1"], /from 0 to 5/],
  ["a temperature that is no number", ["infill", "-", "--at", "1:1", "--temperature", "NaN"], /from 0 to 5/],
  ["top-p 0", ["infill", "-", "--at", "1:1", "--top-p", "0"], /above 0, at most 1/],
  ["top-p above 1", ["infill", "-", "--at", "1:1", "--top-p", "1.1"], /above 0, at most 1/],
  ["a seed beyond 32 bits", ["infill", "-", "--at", "1:1", "--seed", "4294967296"], /from 0 to 4294967295/],
  ["a block of 0", ["complete", "-", "--at", "1:1", "--block", "0"], /auto or a whole number from 1 to 64/],
  ["no rounds", ["race", "-", "--at", "1:1", "--rounds", "0"], /from 1 to 100/],
  ["a number of threads that is none", ["doctor", "--threads", "two"], /from 0 to 256/],
  ["an import of nothing", ["import"], /missing required argument/],
  ["an import of unknown weights", ["import", "dir", "--out", "x", "--role", "verifier", "--weights", "int2"], /Allowed choices/],
  ["a model to get without a name", ["models", "get"], /missing required argument 'name'/],
  ["no folder of models", ["doctor", "--models", ""], /must not be empty/],
  ["an import into no folder", ["import", "a.gguf", "--out", ""], /must not be empty/],
  ["an import under no name", ["import", "a.gguf", "--name", ""], /must be a line of text/],
  ["an import under a name of two lines", ["import", "a.gguf", "--name", "a\nb"], /must be a line of text/],
  ["a length at least with lines at most", ["infill", "-", "--at", "1:1", "--max-lines", "1", "--min-tokens", "20"], /cannot both be kept/],
  ["a deadline for another method than auto", ["infill", "-", "--at", "1:1", "--method", "ar", "--deadline", "5"], /--deadline is for --method auto/],
  ["a longer text with lines at most", ["infill", "-", "--at", "1:1", "--max-lines", "1", "--longer"], /cannot both be kept/],
  ["a longer text of a length that is given", ["infill", "-", "--at", "1:1", "--method", "fixed:5", "--longer"], /fixed has the length/],
  [
    "a given length below the shortest",
    ["infill", "-", "--at", "1:1", "--method", "fixed:5", "--min-tokens", "9"],
    /fixed:5 is shorter than --min-tokens/,
  ],
  ["a block without drafts", ["complete", "-", "--at", "1:1", "--decoder", "ar", "--block", "8"], /--block is for --decoder deer/],
  ["a folder of models to import", ["import", "a.gguf", "--models", "x"], /--models is of no use here/],
  ["a folder of models to remove from", ["--models", "x", "models", "remove", "y"], /--models is of no use here/],
  ["a device for a server", ["doctor", "--server", "http://localhost", "--device", "cpu"], /--device is of no use here/],
  ["a server's model without a server", ["doctor", "--server-model", "x"], /--server-model is for a server/],
  ["a server's format without a server", ["doctor", "--server-format", "auto"], /--server-format is for a server/],
  ["a server's key without a server", ["doctor", "--server-key", "x"], /--server-key is for a server/],
  ["something else than get and remove", ["models", "put"], /too many arguments/],
];

const WRONG_BENCH: typeof WRONG = [
  ["a benchmark without folder for results", ["latency", "--recording", "x"], /--out/],
  ["no folder for results", ["latency", "--recording", "x", "--out", ""], /must not be empty/],
  ["no folder for what peers come to", ["peers", "--gguf", "x", "--out", ""], /must not be empty/],
  ["an unknown bench method", ["infilling", "--data", "x", "--out", "x", "--methods", "auto,magic"], /Each must be ar, deer, uncut/],
  ["an unknown bench decoder", ["speed", "--prompts", "x", "--out", "x", "--decoders", "ar,magic"], /Each must be ar or deer/],
  ["a block of 65", ["speed", "--prompts", "x", "--out", "x", "--blocks", "4,65"], /from 1 to 64/],
  ["a context twice", ["speed", "--prompts", "x", "--out", "x", "--contexts", "64,64"], /twice/],
  ["a replay without pace", ["latency", "--recording", "x", "--out", "x", "--pace", "0"], /above 0/],
  ["holes without tests", ["holes", "--repo", "x", "--out", "x"], /--test/],
];

describe("usage", () => {
  it("without a command is told as one sentence with --json", async () => {
    const { exitCode, stdout } = await runWith(["--json"]);
    const { error } = JSON.parse(stdout) as { error: { message: string } };
    assert.deepEqual([exitCode, error.message], [2, "No command was named."]);
  });

  const wrong = [...WRONG.map((each) => [LACUNA, ...each] as const), ...WRONG_BENCH.map((each) => [BENCH, ...each] as const)];
  for (const [commandLine, claim, args, message] of wrong) {
    it(`${claim} is wrong usage: exit code 2, told on stderr`, async () => {
      const { exitCode, stdout, stderr, script } = await runWith(args, { commandLine });
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
      assert.match(stderr, /--help/);
      assert.equal(stdout, "");
      assert.equal(script.requests.length, 0);
    });
  }

  it("with --json wrong usage is a JSON error too", async () => {
    const { exitCode, stdout } = await runWith(["infill", "-", "--at", "0:1", "--json"]);
    assert.equal(exitCode, 2);
    assert.equal(JSON.parse(stdout).error.code, "usage");
  });

  it("help and version are no failures", async () => {
    const help = await runWith(["--help"]);
    assert.equal(help.exitCode, 0);
    const commands = ["infill", "complete", "race", "doctor", "import", "models", "demo"];
    for (const command of commands) assert.match(help.stdout, new RegExp(`^  ${command} `, "m"));
    const version = await runWith(["--version"]);
    assert.equal(version.exitCode, 0);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
