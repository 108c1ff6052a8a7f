import type { Checkpoint } from "../sources/checkpoint.js";
import type { Network } from "../sources/network.js";

/** Roles of decoders with a context of their own. */
export type DecoderRole = "verifier" | "diffuser";
export type Role = DecoderRole | "reader";

/** What is converted into what. */
export interface GraphSource {
  readonly network: Network;
  readonly role: Role;
  /** A tensor of the checkpoint, as a matrix [rows, columns]; a vector is one row. */
  readonly tensor: Checkpoint["tensor"];
}
