/** What an extension host is to load and run. Paths are absolute. */
export interface HostPlace {
  /** The folder to open. */
  readonly workspace: string;
  /** The folder of the extension in development; one without code when the one under test is installed. */
  readonly extension: string;
  /** An extension to install before the start. */
  readonly vsix?: string | undefined;
  /** A module whose `run` the extension host calls. */
  readonly tests: string;
  /** Seen by the extension host. */
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Receives what the extension host prints, line by line. */
  readonly onLog: (line: string) => void;
}

/** Starts an editor, has its extension host run the tests, and ends it. @returns how it ended, as a clause @throws EditorUnavailable */
export type EditorHost = (place: HostPlace) => Promise<string>;

/** How a run ends that went on for too long. */
export const tookTooLong = (limitMs: number): string => `it took longer than ${limitMs / 1000} s`;
