import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

const PIECE_BYTES = 2 ** 22;

export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes read so far. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * SHA-256 of a file as it lies on the disk, in hexadecimal; holds one piece of it in memory at a time.
 *
 * @throws the reason of `signal`, or the file system's error
 */
export async function fileHash(file: string, { signal, onBytes }: HashOptions = {}): Promise<string> {
  const hash = createHash("sha256");
  const piece = new Uint8Array(PIECE_BYTES);
  const handle = await open(file, "r");
  try {
    for (let position = 0; ; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, position);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(piece.subarray(0, bytesRead));
      position += bytesRead;
      onBytes?.(position);
    }
  } finally {
    await handle.close();
  }
}
