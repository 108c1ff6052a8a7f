import { downloadFromHub } from "../../src/models/download.js";

/** What the process tells its parent. */
export type DownloadingMessage =
  | { readonly kind: "loading"; readonly bytes: number }
  | { readonly kind: "done"; readonly loadedBytes: number; /** Resident memory at most, above that at the start. */ readonly grownBytes: number };

const [endpoint, folder, repository, file] = process.argv.slice(2);
const baseBytes = process.memoryUsage.rss();
let peakBytes = baseBytes;
const tell = (message: DownloadingMessage): void => void process.send?.(message);
let told = 0;

void downloadFromHub(
  { repository, file },
  {
    folder,
    settings: { endpoint, proxy: "" },
    patience: { idleMs: 10_000, tries: 5, firstPauseMs: 5, longestPauseMs: 20, longestAskedPauseMs: 1000 },
    onProgress: ({ stage, bytes }) => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      if (stage !== "loading" || bytes - told < 2 ** 20) return;
      told = bytes;
      tell({ kind: "loading", bytes });
    },
  },
).then((result) => {
  if (result.outcome !== "done") throw new Error("It was cancelled.");
  tell({ kind: "done", loadedBytes: result.loadedBytes, grownBytes: peakBytes - baseBytes });
  process.disconnect?.();
});
