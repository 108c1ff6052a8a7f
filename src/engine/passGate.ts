import type { Passes } from "../protocol/messages.js";

/** Thrown out of a forward pass that was not begun because its request is cancelled. Never leaves the engine. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/**
 * Stands before every forward pass: lets waiting messages in, among them the one that cancels, and counts.
 */
export class PassGate {
  #passes = { verifier: 0, diffuser: 0 };
  #isCancelled: () => boolean = () => false;

  /** Passes since it was opened. */
  get passes(): Passes {
    return { ...this.#passes };
  }

  /** Whose cancellation the next passes obey. Resets the count. */
  open(isCancelled: () => boolean): void {
    this.#isCancelled = isCancelled;
    this.#passes = { verifier: 0, diffuser: 0 };
  }

  /** @throws Cancelled */
  async enter(role: keyof Passes): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.#isCancelled()) throw new Cancelled();
    this.#passes[role] += 1;
  }
}
