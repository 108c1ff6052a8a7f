import { SingleBar } from "cli-progress";
import type { Output } from "./output.js";

/**
 * Shows a progress bar on stderr while `work` runs; none where stderr is not a terminal.
 *
 * @param total how often `work` calls the function it is given
 */
export async function withProgress<T>(output: Output, label: string, total: number, work: (advance: () => void) => Promise<T>): Promise<T> {
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total}`,
    barCompleteChar: "=",
    barIncompleteChar: " ",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: output.stderr,
  });
  bar.start(total, 0);
  try {
    return await work(() => bar.increment());
  } finally {
    bar.stop();
  }
}
