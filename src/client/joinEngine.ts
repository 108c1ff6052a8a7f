import { setTimeout as pause } from "node:timers/promises";
import { connectTo, entriesOf, keyOf } from "../meeting/entry.js";
import { meetingFolder } from "../meeting/meetingFolder.js";
import { BUILD_ID } from "../protocol/buildId.js";
import { LacunaError } from "../protocol/errors.js";
import { SHARED, type SharedStart } from "../protocol/sharedStart.js";
import { EngineClient, type EngineClientOptions } from "./engineClient.js";
import { EngineProcess } from "./engineProcess.js";
import { sharedLink } from "./sharedLink.js";

/** An engine that loads models answers nobody for seconds. */
const ANSWER_LIMIT_MS = 20_000;
const PAUSE_MS = 50;
/** Each is an engine that ended between being found and answering. */
const MOST_ATTEMPTS = 20;

export interface JoinOptions extends Required<Pick<EngineClientOptions, "enginePath" | "onLog">> {
  /** For the environment of one that is started, besides this process's own; default none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What else must be the same for windows to share an engine, beside build and bundle. Whatever can be written as JSON. */
  readonly configuration: unknown;
}

/**
 * Connects to the engine that the windows of this person share, for one build and one configuration; where there is none, starts it.
 *
 * @throws LacunaError `meetingRefused` where the folder to meet in is not the person's alone, or who listens there is no such engine: an
 * engine of one's own does then; `engineUnavailable` or `engineDied` when one was started and failed
 */
export async function joinEngine({ enginePath, variables, configuration, onLog }: JoinOptions): Promise<EngineClient> {
  const folder = await meetingFolder();
  const key = keyOf([BUILD_ID, enginePath, configuration]);
  let own: EngineProcess | undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const client = await firstThatAnswers(folder, key, own);
    if (client !== undefined) return client;
    own = await startShared(enginePath, [SHARED, folder, key], onLog, variables);
    // Where several were started at once, all but one give way.
    if (own === undefined) await pause(PAUSE_MS * (1 + Math.random()));
  }
  throw refused("An engine that windows share can be started, but not reached.");
}

/** Undefined where there is no engine. @param own one that was started from here @throws LacunaError */
async function firstThatAnswers(folder: string, key: string, own: EngineProcess | undefined): Promise<EngineClient | undefined> {
  for (const entry of await entriesOf(folder, key)) {
    const socket = await connectTo(folder, entry).catch((error: unknown) => {
      throw refused(`An engine is there, but it lets nobody in (${String(error)}).`, error);
    });
    if (socket === undefined) continue;
    const link = sharedLink(socket, own);
    let why: string | undefined;
    const give = (reason: string): void => {
      why ??= reason;
      void link.close();
    };
    const limit = setTimeout(() => give("does not answer"), ANSWER_LIMIT_MS);
    link.connection.onError(([error, message]) => {
      // Of the system's errors, the end of the link tells.
      if (message === undefined && !("code" in error)) give("does not speak as an engine does");
    });
    try {
      return await EngineClient.over(link);
    } catch (error) {
      if (why !== undefined) throw refused(`What listens in the place of the engine that windows share ${why}.`, error);
      if (!(error instanceof LacunaError)) throw refused("What listens in the place of the engine that windows share is none.", error);
      if (error.code === "buildMismatch") throw refused("The engine that windows share is of another build.", error);
      // One that ended in peace, or that somebody else had started, is no failure of a start.
      if (error.code !== "engineDied" || hasFailed(own)) throw error;
    } finally {
      clearTimeout(limit);
    }
  }
  return undefined;
}

/** Undefined where there was one already. @throws LacunaError where it ended otherwise before it let anybody in */
async function startShared(
  enginePath: string,
  args: readonly string[],
  onLog: (line: string) => void,
  variables?: NodeJS.ProcessEnv,
): Promise<EngineProcess | undefined> {
  const engine = new EngineProcess(enginePath, onLog, args, variables);
  const told = new Promise<SharedStart>((resolve) => engine.child.once("message", (message) => resolve(message as SharedStart)));
  const outcome = await Promise.race([told, engine.died]);
  if (!(outcome instanceof LacunaError)) return outcome.door === "open" ? engine : undefined;
  if (engine.child.exitCode === 0) return undefined;
  throw outcome;
}

function hasFailed(engine: EngineProcess | undefined): boolean {
  return engine !== undefined && (engine.child.signalCode !== null || (engine.child.exitCode ?? 0) !== 0);
}

function refused(sentence: string, cause?: unknown): LacunaError {
  return new LacunaError("meetingRefused", sentence, "Restart the engine; if that does not help, reload every window.", cause);
}
