/** How far a long command of the command line is: sent over the channel of a program that started it with one. */
export interface CommandProgress {
  /** "asking" a hub or package index, "loading" bytes from it, "waiting" for the next try, "checking" a hash, "importing" weights. */
  readonly stage: "asking" | "loading" | "waiting" | "checking" | "importing";
  /** Of `total`; bytes where something is loaded or checked. */
  readonly done: number;
  /** 0 where nobody knows. */
  readonly total: number;
  /** Why it waits, and for how long; "" in every other stage. */
  readonly note: string;
}
