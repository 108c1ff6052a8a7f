import { SingleBar } from "cli-progress";
import { spokenBytes } from "../models/spoken.js";
import type { DownloadProgress } from "../models/download.js";
import type { Output } from "./output.js";

const TITLES = { asking: "asking for the file", loading: "loading", checking: "checking" };

/** Shows a download on stderr: a bar for each of its stages, none where stderr is not a terminal; tells a program that listens. */
export class DownloadBar {
  readonly #output: Output;
  #bar: SingleBar | undefined;
  #stage: DownloadProgress["stage"] | undefined;
  #startedAt = 0;
  #startBytes = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  show({ stage, bytes, totalBytes }: DownloadProgress): void {
    this.#output.progress({ stage, done: bytes, total: totalBytes, note: "" });
    if (stage === "asking") return;
    if (stage !== this.#stage) this.#begin(stage, bytes, totalBytes);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const rate = seconds > 1 ? `${spokenBytes((bytes - this.#startBytes) / seconds)}/s` : "";
    this.#bar?.update(bytes, { done: spokenBytes(bytes), rate });
  }

  /** Says why nothing comes for a while. */
  wait(text: string): void {
    this.#output.progress({ stage: "waiting", done: 0, total: 0, note: text });
    this.note(text);
  }

  /** Shows a line to people; the bar comes back with the next progress. */
  note(text: string): void {
    this.stop();
    this.#output.note(text);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#stage = undefined;
  }

  #begin(stage: DownloadProgress["stage"], bytes: number, totalBytes: number): void {
    this.stop();
    this.#stage = stage;
    this.#startedAt = performance.now();
    this.#startBytes = bytes;
    this.#bar = new SingleBar({
      format: `${TITLES[stage]} {bar} {percentage} % {done} of ${spokenBytes(totalBytes)} {rate}`,
      barCompleteChar: "=",
      barIncompleteChar: " ",
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      stream: this.#output.stderr,
    });
    this.#bar.start(totalBytes, bytes, { done: "", rate: "" });
  }
}
