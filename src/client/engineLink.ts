import type { MessageConnection } from "vscode-jsonrpc/node";
import type { LacunaError } from "../protocol/errors.js";

/** The way to an engine's process. */
export interface EngineLink {
  /** It listens already. */
  readonly connection: MessageConnection;
  /** Whether others may use the engine, too. */
  readonly isShared: boolean;
  readonly isOpen: boolean;
  /** Resolves when the engine is gone or this side has closed the link, with the error that pending calls fail with. */
  readonly died: Promise<LacunaError>;
  /** Closes it. An engine that is nobody else's has ended when this resolves. */
  close(): Promise<void>;
}
