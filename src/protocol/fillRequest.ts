import type { InfillParams } from "./messages.js";

/** What the fill of a hole may be asked for besides its place. What is left out is up to the caller's settings. */
export type FillRequest = Pick<InfillParams, "seed" | "temperature"> & Partial<Pick<InfillParams, "minTokens" | "maxTokens" | "maxLines">>;
