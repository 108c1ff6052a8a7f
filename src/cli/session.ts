import path from "node:path";
import { deviceVariables } from "../models/cudaProvider.js";
import { thisMachine } from "../models/machine.js";
import type { LoadResult } from "../protocol/messages.js";
import type { Engine } from "./environment.js";
import { Interrupted } from "./interrupted.js";
import type { Invocation } from "./invocation.js";

/** How long a request has, after Ctrl-C, to answer with what it has. */
const INTERRUPT_GRACE_MS = 1500;

/** A running engine, for the time of one command. */
export interface Session {
  readonly engine: Engine;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Starts an engine, lends it to `use`, and stops it whatever happens.
 *
 * @throws Interrupted when `use` has not ended soon after Ctrl-C, or at a second one; whatever `use` throws
 */
export async function withEngine<T>({ environment }: Invocation, use: (session: Session) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  let stopListening = (): void => {};
  const interrupted = new Promise<never>((_resolve, reject) => {
    const interrupt = (): void => reject(new Interrupted());
    stopListening = environment.onInterrupt(() => {
      if (controller.signal.aborted) interrupt();
      controller.abort();
      grace ??= setTimeout(interrupt, INTERRUPT_GRACE_MS);
    });
  });
  interrupted.catch(() => {});
  const { distDir } = environment;
  const starting = deviceVariables(thisMachine(environment.variables), distDir).then((variables) =>
    environment.startEngine({ enginePath: path.join(distDir, "engine.js"), variables }),
  );
  const work = starting.then((engine) => use({ engine, signal: controller.signal }));
  work.catch(() => {});
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    stopListening();
    clearTimeout(grace);
    await starting.then(
      (engine) => engine.dispose(),
      () => {},
    );
  }
}

/** As `withEngine`, with the models loaded. */
export function withModels<T>(invocation: Invocation, use: (session: Session & { readonly loaded: LoadResult }) => Promise<T>): Promise<T> {
  const { models, threads, device } = invocation.globals;
  return withEngine(invocation, async (session) => {
    const loaded = await session.engine.load({ modelsDir: path.resolve(models), threads, device });
    return use({ ...session, loaded });
  });
}
