import type { Checkpoint } from "../sources/checkpoint.js";
import type { Network } from "../sources/network.js";

export type Role = "verifier" | "diffuser";

/** What is converted into what. */
export interface GraphSource {
  readonly network: Network;
  readonly role: Role;
  /** A tensor of the checkpoint, as a matrix [rows, columns]; a vector is one row. */
  readonly tensor: Checkpoint["tensor"];
}
