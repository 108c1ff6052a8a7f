import pc from "picocolors";
import type { Colors } from "picocolors/types.js";
import type { CommandProgress } from "../protocol/commandProgress.js";
import type { Environment, OutputStream } from "./environment.js";
import { createBlockPainter } from "./blockPainter.js";
import { visible, visibleInColour } from "./visible.js";

/**
 * What a command shows. For people: text and lines on stdout, notes on stderr. With `--json`: one document on
 * the last line of stdout, nothing else there, and notes on stderr. Names, paths and errors of others may be in lines and notes: nothing
 * that a terminal would obey gets out of them.
 */
export class Output {
  readonly isJson: boolean;
  /** Colours of stdout; plain when it is not a terminal, or NO_COLOR is set. */
  readonly colors: Colors;
  readonly stderr: OutputStream;
  readonly #stdout: OutputStream;
  readonly #stderrColors: Colors;
  readonly #onProgress: Environment["onProgress"];
  #paint: (block: string) => string;
  #isLineOpen = false;

  constructor({ stdout, stderr, variables, onProgress }: Environment, isJson: boolean) {
    this.#onProgress = onProgress;
    this.isJson = isJson;
    this.stderr = stderr;
    this.#stdout = stdout;
    this.colors = colorsOf(stdout, variables);
    this.#stderrColors = colorsOf(stderr, variables);
    this.#paint = createBlockPainter(this.colors);
  }

  /** Shows a piece of generated text as soon as it is there. Into a file or a pipe it goes unchanged. */
  block(text: string): void {
    if (text === "") return;
    this.#open(this.#stdout.isTTY === true ? this.#paint(text) : text);
  }

  /** Shows text that a person's file has before what is generated, without a line end. */
  context(text: string): void {
    this.#open(this.colors.dim(visible(text)));
  }

  #open(text: string): void {
    if (this.isJson) return;
    this.#stdout.write(text);
    this.#isLineOpen = !text.endsWith("\n");
  }

  /** Ends generated text: the next piece starts with the first colour, and a terminal gets the line end that is missing. */
  close(): void {
    this.#paint = createBlockPainter(this.colors);
    if (this.#isLineOpen && this.#stdout.isTTY === true) this.#stdout.write("\n");
    this.#isLineOpen = false;
  }

  /** Shows a line to people; it may have parts in `colors`. */
  line(text = ""): void {
    const shown = this.colors.isColorSupported ? visibleInColour(text) : visible(text);
    if (!this.isJson) this.#stdout.write(`${shown}\n`);
  }

  /** A remark beside the result, on stderr. */
  note(text: string): void {
    this.close();
    this.stderr.write(`${this.#stderrColors.dim(visible(text))}\n`);
  }

  /** A failure, on stderr. */
  failure(sentence: string, remedy: string): void {
    this.close();
    this.stderr.write(`${this.#stderrColors.red(visible(sentence))}\n${visible(remedy)}\n`);
  }

  /** Says how far a long command is, to a program that listens. */
  progress(progress: CommandProgress): void {
    this.#onProgress?.(progress);
  }

  /** The result for programs; does nothing without `--json`. */
  document(value: object): void {
    if (this.isJson) this.#stdout.write(`${JSON.stringify(value)}\n`);
  }
}

function colorsOf(stream: OutputStream, variables: Environment["variables"]): Colors {
  const isWanted = (variables.NO_COLOR ?? "") === "" && variables.TERM !== "dumb";
  return pc.createColors(stream.isTTY === true && isWanted);
}
