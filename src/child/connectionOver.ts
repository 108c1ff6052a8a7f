import { createMessageConnection, type MessageConnection, type MessageReader, type MessageWriter } from "vscode-jsonrpc/node";

/** A connection that no malformed message ends: one that cannot be handled, such as a cancel without parameters, is left out. */
export function connectionOver(reader: MessageReader, writer: MessageWriter): MessageConnection {
  const listen = reader.listen.bind(reader);
  reader.listen = (handle) =>
    listen((message) => {
      try {
        handle(message);
      } catch (error) {
        process.stderr.write(`channel: a message was left out (${error instanceof Error ? error.name : typeof error})\n`);
      }
    });
  return createMessageConnection(reader, writer);
}
