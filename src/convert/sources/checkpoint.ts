import type { Network } from "./network.js";
import type { TensorType } from "../../gguf/tensorKind.js";
import type { ReadableFile } from "./readableFile.js";

/**
 * A matrix [rows, columns], or a vector as one row, in the file it came in. Rows are whole numbers of blocks, so that
 * any part of a large one can be read alone.
 */
export interface StoredTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly rows: number;
  readonly columns: number;
  /** Bytes of rows [from, from + count), in memory of their own. @throws LacunaError `checkpointUnusable` when the file is cut short */
  read(from: number, count: number): Uint8Array;
}

/** Names of special tokens, or what stands for them, by role: what a source itself says of its prompt. */
export interface StatedTokens {
  readonly prefix?: number;
  readonly suffix?: number;
  readonly middle?: number;
  readonly pad?: number;
  readonly repository?: number;
  readonly file?: number;
  /** Tokens that the source names as ends of a text. */
  readonly ends: readonly number[];
}

/** A model as it was found: one file or one folder, of any format that is read. */
export interface Checkpoint {
  readonly network: Network;
  /** The text of a tokenizer.json. */
  readonly tokenizer: string;
  readonly stated: StatedTokens;
  /** Text of a lacuna.json beside it, if there is one. */
  readonly settings: string | undefined;
  /** What it calls itself. */
  readonly name: string;
  readonly licence: string | undefined;
  /** Constants of CAL's B(L), where training wrote them. */
  readonly lengthBias?: unknown;
  /**
   * The tensor of a name as Hugging Face spells it, such as `model.layers.0.self_attn.q_proj.weight`.
   *
   * @throws LacunaError `checkpointUnusable` when it is absent or has another shape
   */
  tensor(name: string, rows: number, columns: number): StoredTensor;
  /** Names of all tensors, spelled as `tensor` wants them. */
  readonly tensorNames: readonly string[];
  /** The files that hold the weights, in the order of their names. */
  readonly weightFiles: readonly ReadableFile[];
}
