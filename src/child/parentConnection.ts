import { IPCMessageReader, IPCMessageWriter, type MessageConnection } from "vscode-jsonrpc/node";
import { connectionOver } from "./connectionOver.js";

/** Ends this process where no program of Lacuna has started it. @param name what this process is called */
export function startedByParent(name: string): void {
  if (process.send === undefined) {
    process.stderr.write(`The ${name} is started by Lacuna, over an IPC channel; it has no use of its own.\n`);
    process.exit(2);
  }
}

/** The channel to the program that started this process, whose end is this process's own. @param name what this process is called */
export function parentConnection(name: string): MessageConnection {
  startedByParent(name);
  // It lives as long as the process that started it: no channel, no child.
  process.once("disconnect", () => process.exit(0));
  const connection = connectionOver(new IPCMessageReader(process), new IPCMessageWriter(process));
  connection.onError(([error]) => process.stderr.write(`channel: ${error.name}\n`));
  return connection;
}
