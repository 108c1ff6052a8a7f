/** Every failure that the engine, its client or the command line expects, by name. */
export type ErrorCode =
  | "buildMismatch"
  | "notLoaded"
  | "modelMissing"
  | "manifestInvalid"
  | "modelHashMismatch"
  | "modelTruncated"
  | "modelUnusable"
  | "deviceUnusable"
  | "outOfMemory"
  | "badRequest"
  | "engineDied"
  | "engineReplaced"
  | "engineUnavailable"
  | "meetingRefused"
  | "unreadableFile"
  | "notText"
  | "badPosition"
  | "checkpointUnusable"
  | "packageMissing"
  | "benchUnusable"
  | "diskFull"
  | "folderTaken"
  | "modelUnknown"
  | "hubUnreachable"
  | "hubRefused"
  | "hubMissing"
  | "hubBusy"
  | "hubUnusable"
  | "downloadBroken"
  | "downloadBusy"
  | "notConfirmed"
  | "commandDied"
  | "proxyUnusable"
  | "serverUnreachable"
  | "serverRefused"
  | "serverBusy"
  | "serverUnusable"
  | "serverAway";

/** What crosses the process boundary when a request fails. */
export interface ErrorDetail {
  readonly code: ErrorCode;
  /** What the person can do about it, as a sentence. */
  readonly remedy: string;
}

/**
 * An expected failure: a sentence that says what happened and one that says what to do.
 * Bugs are plain `Error`s; cancellation is a result.
 */
export class LacunaError extends Error {
  override readonly name = "LacunaError";
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, sentence: string, remedy: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
  }
}
