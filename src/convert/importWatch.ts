import type { Manifest, ManifestModel } from "../protocol/manifest.js";
import type { Pause } from "./weights/matrixStore.js";

/** What an import has made: a model's entry, and the manifest that it stands in. */
export interface Imported<T extends ManifestModel = ManifestModel> {
  readonly model: T;
  readonly manifest: Manifest;
}

export interface ImportWatch {
  /** @param share of the weights that are written, 0 to 1 */
  readonly onProgress?: (share: number) => void;
  /** Aborted: the import ends with the signal's reason, and nothing is left of it. */
  readonly signal?: AbortSignal | undefined;
}

/** What an import does between two portions: tells how far it is, and lets a request to stop be heard. @param total weights there are */
export function pausesOf({ onProgress, signal }: ImportWatch, total: number): Pause {
  let done = 0;
  return async (weights) => {
    done += weights;
    onProgress?.(Math.min(1, done / total));
    await new Promise(setImmediate);
    signal?.throwIfAborted();
  };
}
