import type { PeerKind } from "../peers/peerModel.js";
import type { PromptOrder } from "../peers/rowPrompt.js";
import type { VerifierEntry } from "../../src/protocol/manifest.js";

/** Options of `npm run bench -- peers`. */
export interface BenchPeersOptions {
  readonly gguf: string;
  readonly engines: readonly PeerKind[];
  readonly rounds: number;
  readonly data?: string;
  readonly prompts?: string;
  readonly places: number;
  readonly tokens: number;
  readonly rows?: number;
  readonly order?: PromptOrder;
  readonly python: string;
  readonly out: string;
  readonly seed: number;
}

/** What each part of the benchmark gets. */
export interface PeersPlan {
  readonly options: BenchPeersOptions;
  readonly entry: VerifierEntry;
  readonly ggufSha256: string;
  readonly threads: number;
}

/** What a part found; undefined when Ctrl-C came before its end. */
export interface PeersReport {
  readonly settings: object;
  readonly results: object;
  readonly lines: readonly string[];
}
